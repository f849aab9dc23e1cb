import { limits } from '../../limits';
import { Publisher, until } from '../../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start({ settings: { webhookTimeoutMs: 10_000 } });
});

afterEach(() => publisher.stop());

async function rule(effect: object, on: object = {}, when: object = { count: 1 }): Promise<string> {
  const { status, body } = await publisher.control('POST', '/faults', { on, when, do: effect });
  expect([status, body.error]).toEqual([201, undefined]);
  return body.id;
}

const log = async (query = '') => (await publisher.control('GET', `/deliveries${query}`)).body.deliveries;
const changePlan = async (id: string) =>
  (await publisher.control('POST', `/subscriptions/${id}/change-plan`, { planId: 'gold' })).body.operationId;

it('drop: a lost try is tried again, and the log names the fault', async () => {
  const id = await publisher.subscribe();
  const faultId = await rule({ effect: 'drop' });
  const operationId = await changePlan(id);
  await publisher.settled(id, operationId);
  expect(publisher.received).toHaveLength(1);
  expect(await log()).toMatchObject([
    { attempt: 1, verdict: 'failed', faultId, error: expect.stringContaining('dropped') },
    { attempt: 2, verdict: 'received' },
  ]);
});

it('drop as believed: nothing ever comes, and the ten seconds accept the change', async () => {
  const id = await publisher.subscribe();
  await rule({ effect: 'drop', as: 'believed' });
  expect(await publisher.settled(id, await changePlan(id))).toMatchObject({
    status: 'Succeeded',
    settledBy: 'ten-seconds',
    webhookWaits: false,
  });
  expect(publisher.received).toEqual([]);
});

it('postpone: it comes after that time on the clock, once, and the ten seconds begin then', async () => {
  const id = await publisher.subscribe();
  await rule({ effect: 'postpone', for: 'PT2H' }, {}, {});
  await changePlan(id);
  await publisher.control('POST', '/clock/advance', { duration: 'PT1H' });
  expect(publisher.received).toEqual([]);
  expect(await publisher.truth(id)).toMatchObject({ planId: 'silver', operations: [{ status: 'InProgress', webhookWaits: true }] });
  await publisher.control('POST', '/clock/advance', { duration: 'PT2H' });
  expect(publisher.received).toHaveLength(1);
  expect((await publisher.truth(id)).planId).toBe('gold');
});

it('reorder: it goes when so many others have gone before it', async () => {
  const [late, first, second] = [await publisher.subscribe(), await publisher.subscribe(), await publisher.subscribe()];
  await rule({ effect: 'reorder', after: 2, atMost: 'P1D' }, { subscriptionId: late });
  for (const id of [late, first, second]) {
    await publisher.control('POST', `/subscriptions/${id}/renew`);
    if (id !== late) await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);
  }
  await publisher.webhooks(3);
  expect(publisher.received.map(({ body }) => body.subscriptionId)).toEqual([first, second, late]);
});

it('reorder of one subscription: others do not count, and it waits no longer than it may', async () => {
  const [late, other] = [await publisher.subscribe(), await publisher.subscribe()];
  await rule({ effect: 'reorder', after: 1, of: 'subscription', atMost: 'PT1H' }, { subscriptionId: late });
  for (const id of [late, other]) await publisher.control('POST', `/subscriptions/${id}/renew`);
  await publisher.webhooks(1);
  expect(publisher.received.map(({ body }) => body.subscriptionId)).toEqual([other]);
  await publisher.control('POST', '/clock/advance', { duration: 'PT1H' });
  expect(publisher.received.map(({ body }) => body.subscriptionId)).toEqual([other, late]);
});

it('reorder: one that was sent by hand before it may go keeps to its next try', async () => {
  await publisher.control('PATCH', '/settings', { retryDelaysMs: [3_600_000] });
  const [late, other] = [await publisher.subscribe(), await publisher.subscribe()];
  await rule({ effect: 'reorder', after: 1, atMost: 'P1D' }, { subscriptionId: late });
  const { operationId } = (await publisher.control('POST', `/subscriptions/${late}/renew`)).body;
  await until('held', async () => (await publisher.control('GET', '/webhooks')).body.webhooks[0].state === 'waiting');
  publisher.answer = () => 500;
  const { nextTryAt } = (await publisher.control('POST', `/webhooks/${operationId}/deliver`)).body;
  publisher.answer = () => 200;
  await publisher.control('POST', `/subscriptions/${other}/renew`);
  await until('gone', async () => (await log('?verdict=received')).length === 1);
  expect((await publisher.control('GET', '/webhooks')).body.webhooks).toMatchObject([{ operationId, attempt: 2, nextTryAt }]);
});

it('duplicate: so many more of the same, with tokens of their own, whose answers decide nothing', async () => {
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/webhooks`, { action: 'Renew' });
  publisher.received.length = 0;
  await rule({ effect: 'duplicate', copies: 3, spacingMs: 20 });
  let answered = 0;
  publisher.answer = () => (answered++ === 0 ? 200 : 400);
  const operationId = await changePlan(id);
  const copies = await publisher.webhooks(4);
  expect(new Set(copies.map(({ body }) => body.id))).toEqual(new Set([operationId]));
  expect(new Set(copies.map(({ bearerToken }) => bearerToken)).size).toBe(4);
  expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Succeeded' });
  await until('all logged', async () => (await log('?kind=duplicate')).length === 3);
});

it('badToken: a forged one goes before the genuine one, and what is answered to it decides nothing', async () => {
  const id = await publisher.subscribe();
  await rule({ effect: 'badToken', kind: 'wrong-key' });
  let answered = 0;
  publisher.answer = () => (answered++ === 0 ? 401 : 200);
  const operationId = await changePlan(id);
  expect(await publisher.settled(id, operationId)).toMatchObject({ status: 'Succeeded' });
  expect(await log()).toMatchObject([
    { kind: 'forged', badToken: 'wrong-key', verdict: 'forgery-rejected', operationId },
    { kind: 'genuine', badToken: null, verdict: 'received', operationId },
  ]);
});

it('badToken: a reset in the middle ends both, and the genuine one does not follow', async () => {
  const id = await publisher.subscribe();
  await rule({ effect: 'badToken', kind: 'wrong-key' });
  publisher.answer = () => 'hang';
  await publisher.control('POST', `/subscriptions/${id}/renew`);
  await publisher.webhooks(1);
  await publisher.control('POST', '/reset');
  publisher.answer = () => 200;
  const other = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${other}/renew`);
  await publisher.webhooks(1, ({ body }) => body.subscriptionId === other);
  expect(publisher.received.map(({ body }) => body.subscriptionId)).toEqual([id, other]);
});

it('payload: another form, other members, or some left out', async () => {
  const id = await publisher.subscribe();
  await rule({ effect: 'payload', variant: 'minimal-2021', payload: { extra: 1 }, omit: ['activityId'] }, { action: 'Renew' });
  await publisher.control('POST', `/subscriptions/${id}/renew`);
  const [webhook] = await publisher.webhooks(1);
  expect(Object.keys(webhook?.body ?? {}).sort()).toEqual([
    'action',
    'extra',
    'id',
    'operationRequestSource',
    'subscriptionId',
    'timeStamp',
  ]);
});

it('happens to the webhooks of its scope alone, and not to a delivery by hand', async () => {
  const id = await publisher.subscribe();
  await rule({ effect: 'drop', as: 'believed' }, { action: 'Suspend' }, {});
  await publisher.control('POST', `/subscriptions/${id}/renew`);
  await publisher.webhooks(1);
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  await until('dropped', async () => (await log('?action=Suspend')).length === 1);
  const [dropped] = await log('?action=Suspend');
  await publisher.control('POST', `/deliveries/${dropped.id}/redeliver`);
  expect(publisher.received.map(({ body }) => body.action)).toEqual(['Renew', 'Suspend']);
});

it.each([
  [{ effect: 'postpone', for: '2 hours' }],
  [{ effect: 'reorder', after: 0 }],
  [{ effect: 'duplicate', copies: 1_000 }],
  [{ effect: 'badToken', kind: 'nice' }],
  [{ effect: 'payload', payload: JSON.parse(`${'{"in":'.repeat(1_000)}1${'}'.repeat(1_000)}`) }],
  [
    [
      { effect: 'postpone', for: 'PT1S' },
      { effect: 'reorder', after: 1 },
    ],
  ],
])('is refused by 400 as %j', async (effect) => {
  expect((await publisher.control('POST', '/faults', { do: effect })).status).toBe(400);
});

it('duplicate: no more copies at once than there may be', async () => {
  const replaced = jest.replaceProperty(limits, 'webhookCopiesAtOnce', 5 as never);
  try {
    const id = await publisher.subscribe();
    await rule({ effect: 'duplicate', copies: 20 });
    publisher.answer = () => 'hang';
    await changePlan(id);
    await publisher.webhooks(1 + 5);
    await new Promise((resolve) => setTimeout(resolve, 100)); // all are sent at once, so others would be here by now
    expect(publisher.received).toHaveLength(1 + 5);
  } finally {
    replaced.restore();
  }
});
