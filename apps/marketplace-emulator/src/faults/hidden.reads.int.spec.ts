import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: { autoAcceptMs: 10_000 } });
});

afterEach(() => publisher.control('POST', '/reset'));
afterAll(() => publisher.stop());

const advance = (duration: string) => publisher.control('POST', '/clock/advance', { duration });
const get = (id: string) => publisher.api('GET', `/saas/subscriptions/${id}`);
const changed = async () => {
  const id = await publisher.subscribe({ quantity: 5 });
  const { body } = await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 9 });
  return { id, path: `/saas/subscriptions/${id}/operations/${body.operationId}` };
};
const read = async (path: string) => {
  const { status, body } = await publisher.api('GET', path);
  return status === 200 ? body.status : status;
};

it('answers from copies that lag, each by its own time; calls tell as of when, and the truth is beside them', async () => {
  const { id } = await changed();
  await advance('PT1H');
  await publisher.fault({ when: { seed: 3 }, do: { effect: 'laggingCopies', copies: 20, lag: 'PT10M' } }); // the first lag by less than the 30 s, the last by far more
  const { body } = await publisher.control('POST', `/subscriptions/${id}/change-quantity`, { quantity: 20 });
  await advance('PT30S');
  await publisher.settled(id, body.operationId);
  const seen = [];
  for (let count = 0; count < 80; count++) seen.push((await get(id)).body.quantity);
  expect(new Set(seen)).toEqual(new Set([9, 20]));
  const { calls } = (await publisher.control('GET', `/calls?subscriptionId=${id}`)).body;
  const lags = calls
    .filter(({ readAsOf }: { readAsOf?: string }) => readAsOf)
    .map(({ at, readAsOf }: { at: string; readAsOf: string }) => Date.parse(at) - Date.parse(readAsOf));
  expect(lags).toHaveLength(80);
  expect([Math.min(...lags) >= 0, Math.max(...lags) <= 605_000]).toEqual([true, true]);
  expect((await publisher.truth(id)).quantity).toBe(20);
  await advance('PT21M');
  for (let count = 0; count < 20; count++) expect((await get(id)).body.quantity).toBe(20);
});

it('never finds an operation, or not any more after its time, however it ended', async () => {
  const { id, path } = await changed();
  const forget = await publisher.fault({
    on: { route: 'getOperation' },
    when: { per: 'operation' },
    do: { effect: 'forgetOperation', after: 'PT5M' },
  });
  expect(await read(path)).toBe('InProgress');
  await advance('PT4M');
  expect(await read(path)).toBe('Succeeded');
  await advance('PT2M');
  expect(await read(path)).toBe(404);
  expect((await publisher.truth(id)).operations).toMatchObject([
    { status: 'Succeeded', faults: [{ id: forget, do: [{ effect: 'forgetOperation', after: 'PT5M' }] }] },
  ]);
  await publisher.control('DELETE', '/faults');
  await publisher.fault({ when: { per: 'operation' }, do: { effect: 'forgetOperation', after: 'PT0S' } });
  const hidden = await changed();
  expect([await read(hidden.path), (await publisher.api('GET', `/saas/subscriptions/${hidden.id}/operations`)).body]).toEqual([404, {}]);
});

it('shows an operation InProgress for ever', async () => {
  await publisher.fault({ on: { route: 'getOperation' }, do: { effect: 'endlessOperation' } });
  const { id, path } = await changed();
  await advance('P1D');
  expect([await read(path), (await publisher.truth(id)).operations[0].status]).toEqual(['InProgress', 'Succeeded']);
});

it.each([
  'term',
  'allowedCustomerOperations',
  'autoRenew',
  'quantity',
  'planId',
  'saasSubscriptionStatus',
  'beneficiary',
  'purchaser',
  'offerId',
  'publisherId',
  'created',
])('leaves %s out of Get, of the list and of Resolve, and the calls tell so', async (member) => {
  const id = await publisher.subscribe({ quantity: 5 });
  await publisher.fault({ do: { effect: 'leaveOut', members: { [member]: 1 } } });
  const { landingUrl } = (await publisher.control('POST', `/subscriptions/${id}/landing-links`)).body;
  const token = new URL(landingUrl).searchParams.get('token') as string;
  const answers = [
    (await get(id)).body,
    (await publisher.api('GET', '/saas/subscriptions')).body.subscriptions[0],
    (await publisher.api('POST', '/saas/subscriptions/resolve', undefined, { 'x-ms-marketplace-token': token })).body.subscription,
  ];
  for (const answer of answers) {
    expect(answer).not.toHaveProperty(member);
    expect(answer).toMatchObject({ id, name: expect.any(String) });
  }
  const { calls } = (await publisher.control('GET', '/calls')).body;
  expect(calls.flatMap(({ leftOut = [] }: { leftOut?: string[] }) => leftOut)).toEqual(
    expect.arrayContaining([member, `${id}.${member}`, `subscription.${member}`]),
  );
});
