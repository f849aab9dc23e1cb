import { Publisher } from '../testing/publisher';
import { actsOf, of, pathOf } from './acts';
import { guid } from './shapes';

/**
 * Contract 9.2, row by row: what Microsoft is seen to do by default, and what the switch makes of it. Here: operations and their webhooks.
 */

let publisher: Publisher;
let { read, set, advance, act, patch, acknowledge } = {} as ReturnType<typeof actsOf>;

beforeAll(async () => {
  publisher = await Publisher.start();
  ({ read, set, advance, act, patch, acknowledge } = actsOf(publisher));
});

beforeEach(async () => {
  publisher.answer = () => 200;
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

describe('a change by the publisher', () => {
  it('is answered 202 with its address, reads NotStarted, InProgress and Succeeded, and is announced on the way', async () => {
    await set({ operationStartDelayMs: 1_000, autoAcceptMs: 10_000 });
    const id = await publisher.subscribe();
    const { status, headers } = await publisher.api('PATCH', pathOf(id), { planId: 'gold' });
    expect([status, headers.get('retry-after'), headers.get('operation-id')]).toEqual([202, '10', guid]);
    const follow = async () => (await publisher.api('GET', headers.get('operation-location') as string)).body.status;
    expect(await follow()).toBe('NotStarted');
    await advance('PT2S');
    await publisher.webhooks(1, of(id, 'ChangePlan'));
    expect(await follow()).toBe('InProgress');
    await advance('PT11S');
    expect([await follow(), (await read(id)).planId]).toEqual(['Succeeded', 'gold']);
  });

  it.each([
    ['fails', 'Failed'],
    ['conflict', 'Conflict'],
  ])('may end otherwise: %s', async (operationOutcome, status) => {
    await set({ operationOutcome });
    const id = await publisher.subscribe({ planId: 'silver' });
    expect(await publisher.settled(id, await patch(id, { planId: 'gold' }))).toMatchObject({ status });
    expect((await read(id)).planId).toBe('silver');
  });

  it('may take minutes', async () => {
    await set({ operationStartDelayMs: 300_000 });
    const id = await publisher.subscribe();
    const operationId = await patch(id, { planId: 'gold' });
    await advance('PT4M');
    expect((await publisher.api('GET', pathOf(id, `/operations/${operationId}`))).body.status).toBe('NotStarted');
  });
});

it('lock: while one operation is open, PATCH is 400 Failed and DELETE is 409', async () => {
  await set({ autoAcceptMs: 60_000 });
  const id = await publisher.subscribe();
  await patch(id, { planId: 'gold' });
  expect(await publisher.api('PATCH', pathOf(id), { quantity: 7 })).toMatchObject({ status: 400, body: { code: 'Failed' } });
  expect((await publisher.api('DELETE', pathOf(id))).status).toBe(409);
});

describe('a change by the customer', () => {
  it('is announced with the old values, and takes effect when it was acknowledged', async () => {
    await set({ autoAcceptMs: 60_000 });
    const id = await publisher.subscribe({ planId: 'silver' });
    const operationId = await act(id, 'change-plan', { planId: 'gold' });
    const [webhook] = await publisher.webhooks(1, of(id, 'ChangePlan'));
    expect(webhook?.body).toMatchObject({ planId: 'gold', subscription: { planId: 'silver' } });
    expect((await read(id)).planId).toBe('silver');
    await acknowledge(id, operationId, 'Success');
    expect((await read(id)).planId).toBe('gold');
  });

  it('takes effect by itself ten seconds after a webhook that was received', async () => {
    await set({ autoAcceptMs: 10_000 });
    const id = await publisher.subscribe();
    const operationId = await act(id, 'change-plan', { planId: 'gold' });
    await publisher.webhooks(1, of(id, 'ChangePlan'));
    await advance('PT11S');
    expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Succeeded', settledBy: 'ten-seconds' });
  });

  it.each([
    ['after-2xx', 'silver'],
    ['always', 'gold'],
  ])('and where no webhook was received, %s', async (autoAccept, planId) => {
    await set({ autoAccept, autoAcceptMs: 10_000, retryDelaysMs: [60_000] });
    publisher.answer = () => 503;
    const id = await publisher.subscribe({ planId: 'silver' });
    await act(id, 'change-plan', { planId: 'gold' });
    await publisher.webhooks(1, of(id, 'ChangePlan'));
    await advance('PT11S');
    expect((await read(id)).planId).toBe(planId);
  });

  it('is refused by a 4xx, which a webhook takes back, or none', async () => {
    await set({ autoAcceptMs: 60_000 }); // a refusal is in time however busy the machine is
    const id = await publisher.subscribe({ planId: 'silver' });
    publisher.answer = ({ planId }) => (planId === 'gold' ? 400 : 200);
    const refused = await act(id, 'change-plan', { planId: 'gold' });
    expect(await publisher.settled(id, refused)).toMatchObject({ status: 'Failed', settledBy: 'answer' });
    const [, revert] = await publisher.webhooks(2, of(id, 'ChangePlan'));
    expect(revert?.body).toMatchObject({ planId: 'silver', subscription: { planId: 'silver' } });

    await set({ revertWebhookAfter: 'never' });
    const other = await publisher.subscribe({ planId: 'silver' });
    await publisher.settled(other, await act(other, 'change-plan', { planId: 'gold' }));
    expect((await publisher.truth(other)).operations).toHaveLength(1);
  });

  it.each([
    ['fails', 'Failed', 'silver'],
    ['ignored', 'Succeeded', 'gold'],
  ])('and PATCH Failure: %s', async (patchFailure, status, planId) => {
    await set({ patchFailure, autoAcceptMs: 10_000 });
    const id = await publisher.subscribe({ planId: 'silver' });
    const operationId = await act(id, 'change-plan', { planId: 'gold' });
    await publisher.webhooks(1, of(id, 'ChangePlan'));
    expect((await acknowledge(id, operationId, 'Failure')).status).toBe(200);
    await advance('PT11S');
    expect(await publisher.settled(id, operationId)).toMatchObject({ status });
    expect((await read(id)).planId).toBe(planId);
  });
});

describe('webhooks', () => {
  const actions = (id: string) => publisher.received.filter(of(id)).map(({ body }) => body.action);

  it('come once each', async () => {
    const id = await publisher.subscribe();
    await act(id, 'suspend');
    await act(id, 'reinstate');
    await publisher.webhooks(2, of(id));
    expect(actions(id).toSorted()).toEqual(['Reinstate', 'Suspend']);
  });

  it('may come twice', async () => {
    await publisher.fault({ on: { action: 'Suspend' }, do: { effect: 'duplicate' } });
    const id = await publisher.subscribe();
    await act(id, 'suspend');
    const [first, second] = await publisher.webhooks(2, of(id));
    expect(second?.body).toEqual(first?.body);
  });

  it('may come late', async () => {
    await publisher.fault({ on: { action: 'Suspend' }, when: { count: 1 }, do: { effect: 'postpone', for: 'PT1H' } });
    const id = await publisher.subscribe();
    await act(id, 'suspend');
    await advance('PT59M');
    expect(actions(id)).toEqual([]);
    await advance('PT2M');
    expect(actions(id)).toEqual(['Suspend']);
  });

  it('may be overtaken', async () => {
    await publisher.fault({ on: { action: 'Suspend' }, when: { count: 1 }, do: { effect: 'reorder', after: 1, of: 'subscription' } });
    const id = await publisher.subscribe();
    await act(id, 'suspend');
    await act(id, 'reinstate');
    await publisher.webhooks(2, of(id));
    expect(actions(id)).toEqual(['Reinstate', 'Suspend']);
  });
});

it('a webhook that is never received is tried 500 times within 8 hours, and then the operation fails', async () => {
  const defaults = (await publisher.control('GET', '/settings')).body;
  expect(defaults.maxRetries).toBe(500);
  await publisher.control('PATCH', '/settings', { retryDelaysMs: [1_000, 2_000, 5_000, 10_000, 30_000, 57_600], webhookUrl: null });
  const id = await publisher.subscribe();
  const operationId = await act(id, 'change-plan', { planId: 'gold' });
  await advance('PT7H30M');
  expect((await publisher.truth(id)).operations[0].settledBy).toBeNull();
  await advance('PT45M');
  expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Failed', settledBy: 'retries-exhausted' });
  await publisher.control('POST', '/reset');
});

it.each([200, 500])('PATCH of an operation that the publisher began: %i', async (partnerOperationPatchStatus) => {
  await set({ partnerOperationPatchStatus, autoAcceptMs: 60_000 });
  const id = await publisher.subscribe();
  const operationId = await patch(id, { planId: 'gold' });
  await publisher.webhooks(1, of(id, 'ChangePlan'));
  expect((await acknowledge(id, operationId, 'Success')).status).toBe(partnerOperationPatchStatus);
});

describe('Reinstate', () => {
  it('is InProgress while the state is Suspended, and Subscribed after the ten seconds', async () => {
    await set({ autoAcceptMs: 10_000 });
    const id = await publisher.subscribe();
    await act(id, 'suspend');
    const operationId = await act(id, 'reinstate');
    const [webhook] = await publisher.webhooks(1, of(id, 'Reinstate'));
    expect(webhook?.body).toMatchObject({ status: 'InProgress', subscription: { saasSubscriptionStatus: 'Suspended' } });
    expect((await read(id)).saasSubscriptionStatus).toBe('Suspended');
    await advance('PT11S');
    expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Succeeded' });
    expect((await read(id)).saasSubscriptionStatus).toBe('Subscribed');
  });

  it('may have the payload of 2019', async () => {
    await set({ webhookPayloadVariants: ['operationType-2019'] });
    const id = await publisher.subscribe();
    await act(id, 'suspend');
    await act(id, 'reinstate');
    const [webhook] = await publisher.webhooks(1, ({ body }) => body.subscriptionId === id && 'operationType' in body);
    expect(webhook?.body).not.toHaveProperty('action');
  });
});

it.each([
  ['suspend', 'Suspend', 'Suspended'],
  ['unsubscribe', 'Unsubscribe', 'Unsubscribed'],
])('%s: the state first, then the webhook of an operation that has Succeeded', async (action, word, status) => {
  publisher.answer = () => 503;
  const id = await publisher.subscribe();
  await act(id, action);
  expect((await read(id)).saasSubscriptionStatus).toBe(status);
  const [webhook] = await publisher.webhooks(1, of(id, word));
  expect(webhook?.body).toMatchObject({ status: 'Succeeded', subscription: { saasSubscriptionStatus: status } });
});
