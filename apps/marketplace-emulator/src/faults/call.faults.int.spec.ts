import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.control('DELETE', '/faults'));
afterAll(() => publisher.stop());

async function fault(rule: object): Promise<string> {
  const { status, body } = await publisher.control('POST', '/faults', rule);
  if (status !== 201) throw new Error(`no fault: ${JSON.stringify(body)}`);
  return body.id;
}

const read = (id: string) => publisher.api('GET', `/saas/subscriptions/${id}`);

it('answers what the rule says, as often as the rule says, and counts it', async () => {
  const id = await publisher.buy();
  const rule = await fault({
    on: { route: 'getSubscription' },
    when: { count: 2 },
    do: { effect: 'status', status: 429, retryAfter: 7, headers: { 'x-extra': 'yes' } },
  });
  const first = await read(id);
  expect(first).toMatchObject({ status: 429, body: { error: { code: 'TooManyRequests' } } });
  expect([first.headers.get('retry-after'), first.headers.get('x-extra'), first.headers.get('x-ms-requestid')]).toEqual([
    '7',
    'yes',
    expect.any(String),
  ]);
  expect([(await read(id)).status, (await read(id)).status]).toEqual([429, 200]);
  expect((await publisher.control('GET', `/faults/${rule}`)).body).toMatchObject({ matched: 3, fired: 2, remaining: 0 });
});

it('names the fault in the ledger', async () => {
  const id = await publisher.buy();
  const rule = await fault({ on: { subscriptionId: id }, when: { count: 1 }, do: { effect: 'status', status: 503 } });
  await read(id);
  await read(id);
  const { calls } = (await publisher.control('GET', `/calls?subscriptionId=${id}`)).body;
  expect(calls).toMatchObject([
    { status: 503, faultId: rule, subscriptionId: id },
    { status: 200, faultId: null },
  ]);
});
