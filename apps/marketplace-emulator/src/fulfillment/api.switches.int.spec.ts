import { randomUUID } from 'node:crypto';
import type { Settings } from '../settings/settings';
import { Publisher, tokenIn } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

beforeEach(async () => {
  publisher.answer = () => 200;
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

const set = (settings: Partial<Settings>) => publisher.control('PATCH', '/settings', settings);
const path = (id: string, below = '') => `/saas/subscriptions/${id}${below}`;
const resolve = (token: string) => publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': token });
const buyToken = async () => tokenIn((await publisher.control('POST', '/purchases')).body.landingUrl);

describe("the publisher's change", () => {
  it.each([
    ['fails', 'Failed', '400'],
    ['conflict', 'Conflict', '409'],
  ] as const)(
    '%s where that is set: accepted by 202, without a webhook, without effect',
    async (operationOutcome, status, errorStatusCode) => {
      await set({ operationOutcome });
      const id = await publisher.subscribe();
      const accepted = await publisher.api('PATCH', path(id), { planId: 'gold' });
      expect(accepted.status).toBe(202);
      await publisher.settled(id, accepted.headers.get('operation-id') as string);
      const operation = await publisher.api('GET', accepted.headers.get('operation-location') as string);
      expect(operation.body).toMatchObject({ status, errorStatusCode, errorMessage: expect.any(String) });
      expect(await publisher.truth(id)).toMatchObject({ planId: 'silver', pendingOperationId: null });
      expect(publisher.received.filter(({ body }) => body.subscriptionId === id)).toEqual([]);
    },
  );

  it('has no error in its operation where there is none, or an empty one', async () => {
    const id = await publisher.subscribe();
    const { headers } = await publisher.api('PATCH', path(id), { planId: 'gold' });
    const { body } = await publisher.api('GET', headers.get('operation-location') as string);
    expect(Object.keys(body)).not.toContain('errorStatusCode');
    await set({ operationErrorWhenNone: 'empty' });
    expect((await publisher.api('GET', headers.get('operation-location') as string)).body).toMatchObject({
      errorStatusCode: '',
      errorMessage: '',
    });
  });

  it('takes its PATCH of the operation, or answers it by 500 and records nothing', async () => {
    const id = await publisher.subscribe();
    await set({ autoAcceptMs: 60_000, partnerOperationPatchStatus: 500 });
    const operationId = (await publisher.api('PATCH', path(id), { planId: 'gold' })).headers.get('operation-id') as string;
    await publisher.webhooks(1, ({ body }) => body.id === operationId);
    const acknowledge = () => publisher.api('PATCH', path(id, `/operations/${operationId}`), { status: 'Success' });
    expect(await acknowledge()).toMatchObject({ status: 500, body: { error: { code: 'UnexpectedError' } } });
    expect((await publisher.truth(id)).pendingOperationId).toBe(operationId);
    await set({ partnerOperationPatchStatus: 200 });
    expect((await acknowledge()).status).toBe(200);
    expect((await publisher.truth(id)).planId).toBe('gold');
  });
});

it('a 500 to PATCH of an operation concerns the publisher’s own alone', async () => {
  const id = await publisher.subscribe();
  await set({ autoAcceptMs: 60_000, partnerOperationPatchStatus: 500 });
  const { operationId } = (await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' })).body;
  expect((await publisher.api('PATCH', path(id, `/operations/${operationId}`), { status: 'Success' })).status).toBe(200);
});

it('PATCH Failure is ignored where the defect of 2022 is set: answered 200, and the ten seconds accept the change', async () => {
  const id = await publisher.subscribe();
  await set({ patchFailure: 'ignored' });
  const { operationId } = (await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' })).body;
  expect((await publisher.api('PATCH', path(id, `/operations/${operationId}`), { status: 'Failure' })).status).toBe(200);
  expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
  expect((await publisher.truth(id)).planId).toBe('gold');
});

describe('Activate', () => {
  it.each([
    ['nothing', undefined, 400, 200],
    ['another plan', { planId: 'gold', quantity: 5 }, 400, 200],
    ['another quantity', { planId: 'silver', quantity: 6 }, 400, 200],
    ['no quantity', { planId: 'silver' }, 400, 200],
    ['the purchase', { planId: 'silver', quantity: 5 }, 200, 200],
  ])('of %s is answered as the documents before mid-2022 said where the body is validated', async (_what, body, validated, ignored) => {
    await set({ activateBody: 'validated' });
    const id = await publisher.buy({ quantity: 5 });
    expect((await publisher.api('POST', path(id, '/activate'), body)).status).toBe(validated);
    await set({ activateBody: 'ignored' });
    expect((await publisher.api('POST', path(id, '/activate'), body)).status).toBe(ignored);
  });

  it('of a flat rate needs no quantity, and of a cancelled subscription is answered 404 all the same', async () => {
    await set({ activateBody: 'validated' });
    const id = await publisher.buy({ offerId: 'contoso-reach' });
    expect((await publisher.api('POST', path(id, '/activate'), { planId: 'base', quantity: 1 })).status).toBe(400);
    expect((await publisher.api('POST', path(id, '/activate'), { planId: 'base', quantity: '' })).status).toBe(200);
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    expect((await publisher.api('POST', path(id, '/activate'))).status).toBe(404);
  });

  it('of a Subscribed subscription is answered 200, or 400', async () => {
    const id = await publisher.subscribe();
    expect((await publisher.api('POST', path(id, '/activate'))).status).toBe(200);
    await set({ activateWhenSubscribed: 400 });
    expect((await publisher.api('POST', path(id, '/activate'))).status).toBe(400);
  });
});

describe('what does not exist', () => {
  it('has plans, or not, by the variant of the documents', async () => {
    const plans = (id: string) => publisher.api('GET', path(id, '/listAvailablePlans'));
    expect(await plans(randomUUID())).toMatchObject({ status: 404, body: { code: 'EntityNotFound' } });
    await set({ unknownSubscriptionPlansStatus: 200 });
    expect(await plans(randomUUID())).toMatchObject({ status: 200, body: undefined });
    const id = await publisher.buy();
    await publisher.control('POST', `/subscriptions/${id}/unsubscribe`);
    expect((await plans(id)).status).toBe(403);
    await set({ unsubscribedPlansStatus: 404 });
    expect((await plans(id)).status).toBe(404);
  });

  it('has an empty list of operations as seen live, or is answered 404 as documented', async () => {
    expect(await publisher.api('GET', path(randomUUID(), '/operations'))).toMatchObject({ status: 200, body: {} });
    await set({ unknownSubscriptionOperationsStatus: 404 });
    expect((await publisher.api('GET', path(randomUUID(), '/operations'))).status).toBe(404);
  });

  it('has no operation, which is answered 404 or 400', async () => {
    const id = await publisher.buy();
    for (const unknownOperationStatus of [404, 400] as const) {
      await set({ unknownOperationStatus });
      for (const below of [path(id, `/operations/${randomUUID()}`), path(randomUUID(), `/operations/${randomUUID()}`)]) {
        expect((await publisher.api('GET', below)).status).toBe(unknownOperationStatus);
        expect((await publisher.api('PATCH', below, { status: 'Success' })).status).toBe(unknownOperationStatus);
      }
    }
  });

  it.each(['nothing', '123', encodeURIComponent('é/..'), 'x'.repeat(299)])(
    'and whose id is no GUID is answered 404, or 400: %s',
    async (id) => {
      const calls = () =>
        Promise.all([
          publisher.api('GET', path(id)),
          publisher.api('PATCH', path(id), { planId: 'gold' }),
          publisher.api('DELETE', path(id)),
          publisher.api('POST', path(id, '/activate')),
          publisher.api('GET', path(id, '/listAvailablePlans')),
        ]);
      for (const { status } of await calls()) expect(status).toBe(404);
      await set({ malformedIdStatus: 400 });
      for (const { status } of await calls()) expect(status).toBe(400);
      expect((await publisher.api('GET', path(id, '/operations'))).status).toBe(400);
    },
  );
});

describe('a purchase token', () => {
  it('is good as often as one likes, or once where that is set', async () => {
    await set({ purchaseTokenUses: 'once' });
    const [token, other] = [await buyToken(), await buyToken()];
    expect((await resolve(token)).status).toBe(200);
    expect(await resolve(token)).toMatchObject({ status: 400, body: { code: 'InvalidValue', target: 'x-ms-marketplace-token' } });
    expect((await resolve(other)).status).toBe(200);
    await set({ purchaseTokenUses: 'many' });
    expect((await resolve(token)).status).toBe(200);
  });

  it('of a clock that is behind has expired, of one that is ahead is not valid yet, and a few minutes ahead do not matter', async () => {
    const hour = 3_600_000;
    for (const [purchaseTokenSkewMs, status] of [
      [-24 * hour - 1, 400],
      [-23 * hour, 200],
      [240_000, 200],
      [hour, 400],
    ] as const) {
      await set({ purchaseTokenSkewMs });
      expect((await resolve(await buyToken())).status).toBe(status);
    }
  });
});

describe('NotStarted', () => {
  it('is read, and neither activated nor changed, until somebody starts it; it can be cancelled', async () => {
    const id = await publisher.buy({ notStarted: true });
    expect((await publisher.api('GET', path(id))).body.saasSubscriptionStatus).toBe('NotStarted');
    expect((await publisher.api('POST', path(id, '/activate'))).status).toBe(400);
    expect((await publisher.api('PATCH', path(id), { planId: 'gold' })).status).toBe(400);
    expect((await publisher.control('POST', `/subscriptions/${id}/start`)).body.saasSubscriptionStatus).toBe('PendingFulfillmentStart');
    expect((await publisher.control('POST', `/subscriptions/${id}/start`)).status).toBe(409);
    expect((await publisher.api('POST', path(id, '/activate'))).status).toBe(200);
    const other = await publisher.buy({ notStarted: true });
    expect((await publisher.api('DELETE', path(other))).status).toBe(202);
    await publisher.untilStatus(other, 'Unsubscribed');
  });
});
