import { cancellationFailed, type DataOf, type readSubscription } from '@landfall/contracts';
import { aSnapshot, testApp, until } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aRead, at, confirmed, observed, ordered, resolved, settled, tenantReadyFor, verified } from '../testing/subscription.builders';
import { transitionView, type TransitionView } from './history.view';

const { publisherId, offerId } = aSnapshot();
const catalogFile = join(mkdtempSync(join(tmpdir(), 'catalog-')), 'catalog.yaml');
const plans = '{ silver: { displayName: Silver, activation: on-approval }, gold: { displayName: Gold }, bronze: { mayMoveTo: [] } }';
writeFileSync(
  catalogFile,
  `publishers: { ${publisherId}: { offers: { ${offerId}: { displayName: Team, noDowngrade: [bronze, silver], plans: ${plans} } } } }`,
);
const app = testApp(AppModule, { schema, migrations, env: { CATALOG_FILE: catalogFile } });

const headers = async () => ({ authorization: await app.bearer('landfall.read') });
const pageOf = async (id: string, query = '') => {
  const answer = await app.http({ method: 'GET', url: `/subscriptions/${id}/history${query}`, headers: await headers() });
  return answer.json<{ items: TransitionView[]; next: string | null }>();
};
const exported = async (query: string) => app.http({ method: 'GET', url: `/history?${query}`, headers: await headers() });

const act = async (id: string, what: string, reason: string) =>
  app.http({
    ...{ method: 'POST', url: `/subscriptions/${id}/${what}`, payload: { reason } },
    headers: { authorization: await app.bearer('landfall.operate', 'operator-7'), 'idempotency-key': randomUUID() },
  });

it('tells the life of a subscription as a story, also of what has no public event', async () => {
  const subscriptionId = randomUUID();
  const pending = (second: number) => aRead(second, { subscriptionId, status: 'PendingFulfillmentStart', term: undefined });
  const change = { subscriptionId, operationId: randomUUID(), action: 'ChangePlan', planId: 'bronze', timeStamp: at(100) };
  await app.deliver(resolved(pending(5)));
  await app.deliver(confirmed(subscriptionId));
  expect((await act(subscriptionId, 'rejection', 'not in this country')).statusCode).toBe(200);
  const [{ requestId } = {}] = await app.query<{ requestId: string }>(
    'select cancellation_request_id as "requestId" from subscription.subscriptions where id = $1',
    [subscriptionId],
  );
  const cancelled = { subscriptionId, requestId: requestId!, reason: 'it was gone', failedAt: at(200) };
  await app.deliver(cancellationFailed(cancelled), cancellationFailed({ ...cancelled, reason: 'it is locked' }));
  await app.deliver(observed(aRead(60, { subscriptionId }), 'webhook'));
  expect((await act(subscriptionId, 'approval', 'they pay already')).statusCode).toBe(200);
  const tenant = tenantReadyFor(5, subscriptionId);
  await app.deliver(tenant);
  await app.deliver(verified({ ...change, operationDate: at(101), read: null }));
  const revert = { ...change, operationId: randomUUID(), planId: 'silver', isRevert: true, timeStamp: at(105) };
  await app.deliver(verified({ ...revert, operationDate: at(106), read: null }));
  await app.deliver(settled({ ...change, settled: 'Failed', operationDate: at(110), seenOpenAt: at(101), read: null }));
  await app.deliver(observed(aRead(900, { subscriptionId, quantity: 25 })));

  const { items, next } = await pageOf(subscriptionId);
  expect(items.map(({ summary }) => summary)).toEqual([
    'The customer brought the purchase of 10 seats of silver, which Microsoft shows as PendingFulfillmentStart',
    'The customer confirmed the purchase',
    'For the customer, an operator rejected the purchase, and Microsoft is asked to cancel it: not in this country',
    'For an operator, Microsoft did not cancel the purchase: it was gone',
    'For the customer, Microsoft changed failureReason to cancellation failed: it is locked: cancellation failed: it is locked',
    'Microsoft changed status to Subscribed, term (a read showed it, and no operation explains it)',
    'For the customer, an operator approved the purchase: they pay already',
    'For the customer, the product has the tenant ready',
    'For the customer, the product gave access for the first time (Subscribed)',
    expect.stringMatching(/^Our rules refused ChangePlan to bronze: ./),
    'Our rules accepted ChangePlan to silver (it takes back what was refused)',
    expect.stringMatching(/^Microsoft ended ChangePlan as we had refused it: ./),
    'The reconciliation found that Microsoft changed the seats from 10 to 25',
  ]);
  expect(next).toBeNull();
  expect(items.map(({ entry }) => entry)).toEqual(items.map((_, index) => index + 1));
  expect(items.flatMap(({ sequence }) => sequence ?? [])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(items[6]).toMatchObject({
    ...{
      actor: { kind: 'operator', id: 'operator-7' },
      onBehalfOf: { kind: 'customer' },
      cause: { source: 'operator', actor: 'operator-7' },
    },
    ...{ correlationId: expect.any(String), from: { access: 'none' }, to: { access: 'none' } },
  });
  expect(items[7]).toMatchObject({ causationId: tenant.id, correlationId: tenant.correlationId, changes: expect.arrayContaining([]) });
  expect(items[9]).toMatchObject({
    ...{ event: 'operation-decided', sequence: null, operationId: change.operationId, action: 'ChangePlan' },
    changes: expect.arrayContaining([
      { field: 'operation.verdict', from: null, to: 'refused' },
      { field: 'operation.decidedBy', from: null, to: 'catalog' },
    ]),
  });
  for (const item of items) transitionView.strict().parse(item); // what /openapi.json describes, and nothing else
});

it('tells both times of a change: when it was true at Microsoft, and when it was learnt of', async () => {
  const subscriptionId = randomUUID();
  const suspend = {
    subscriptionId,
    operationId: randomUUID(),
    action: 'Suspend',
    operationStatus: 'Succeeded',
    timeStamp: at(190),
  } as const;
  await app.deliver(observed(aRead(5, { subscriptionId })));
  const order = (await app.sent()).findLast(({ type }) => type === 'landfall.fulfillment.read-subscription.v1')!;
  await app.deliver(ordered(aRead(180, { subscriptionId, autoRenew: false }), order.data as DataOf<typeof readSubscription>));
  await app.deliver(
    verified({ ...suspend, operationDate: at(200), read: aRead(200, { subscriptionId, status: 'Suspended', autoRenew: false }) }),
  );
  expect((await pageOf(subscriptionId)).items).toMatchObject([
    { event: 'landfall.subscription.purchased.v1', changes: [] },
    { changes: [{ field: 'autoRenew', from: true, to: false }], effectiveAt: null, effectiveBetween: { to: at(180) }, observedAt: at(180) },
    {
      changes: [{ field: 'status', from: 'Subscribed', to: 'Suspended' }],
      effectiveAt: at(190),
      effectiveBetween: null,
      observedAt: at(200),
    },
  ]);
});

/** Subscriptions with so many entries each. */
async function manyEntries(count: number): Promise<string> {
  const subscriptionId = randomUUID();
  await app.deliver(observed(aRead(5, { subscriptionId })));
  await app.query(
    `insert into subscription.transitions (subscription_id, entry, version, event, actor, cause, "from", "to", changes, observed_at)
     select subscription_id, entry + n, version, event, actor, cause, "from", "to", changes, observed_at
       from subscription.transitions, generate_series(1, $2) as n where subscription_id = $1`,
    [subscriptionId, count - 1],
  );
  return subscriptionId;
}

it('is read page by page, and refuses a page out of its bounds', async () => {
  const id = await manyEntries(5);
  const first = await pageOf(id, '?limit=3');
  expect([first.items.map(({ entry }) => entry), first.next]).toEqual([[1, 2, 3], '3']);
  const second = await pageOf(id, `?limit=3&after=${first.next}`);
  expect([second.items.map(({ entry }) => entry), second.next]).toEqual([[4, 5], null]);
  for (const query of ['limit=0', 'limit=501', 'after=x', 'after=2147483648', 'page=2'])
    expect((await app.http({ method: 'GET', url: `/subscriptions/${id}/history?${query}`, headers: await headers() })).statusCode).toBe(
      400,
    );
  expect((await app.http({ method: 'GET', url: `/subscriptions/${randomUUID()}/history`, headers: await headers() })).statusCode).toBe(404);
  expect((await app.http({ method: 'GET', url: `/subscriptions/${id}/history` })).statusCode).toBe(401);
});

it.each([
  [`update subscription.transitions set reason = 'another'`],
  ['delete from subscription.transitions'],
  ['truncate subscription.transitions'],
  ['truncate subscription.subscriptions cascade'],
])('lets nobody change what was written, its owner neither: %s', async (sql) => {
  await manyEntries(2);
  await expect(app.query(sql)).rejects.toThrow('keeps what was written');
  const service = new Client({ connectionString: process.env['DATABASE_URL'] });
  await service.connect();
  await expect(service.query(sql).finally(() => service.end())).rejects.toThrow('permission denied');
});

describe('an export', () => {
  const from = () => encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString());
  const openTransactions = async () => {
    const [row] = await app.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
        where datname = current_database() and query like 'fetch % from exported' and xact_start is not null`,
    );
    return row!.count;
  };
  let port: number;
  beforeAll(async () => {
    await app.nest.listen(0, '127.0.0.1');
    port = (app.nest.getHttpServer().address() as AddressInfo).port;
  });

  const begun = async (): Promise<IncomingMessage> => {
    const options = { host: '127.0.0.1', port, path: `/history?from=${from()}`, headers: await headers(), agent: false };
    return new Promise((resolve, reject) => get(options, resolve).on('error', reject));
  };

  it('has every entry of the range, those of a subscription together and in order', async () => {
    const id = await manyEntries(1_200);
    const answer = await exported(`from=${from()}`);
    expect(answer.headers['content-type']).toMatch('application/x-ndjson');
    const lines = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => transitionView.strict().parse(JSON.parse(line)));
    const [{ count }] = (await app.query<{ count: number }>('select count(*)::int as count from subscription.transitions')) as [
      { count: number },
    ];
    expect(lines).toHaveLength(count);
    const own = lines.filter(({ subscriptionId }) => subscriptionId === id);
    expect(own.map(({ entry }) => entry)).toEqual(Array.from({ length: 1_200 }, (_, index) => index + 1));
    expect(lines.findIndex(({ subscriptionId }) => subscriptionId === id) + 1_199).toBe(
      lines.findLastIndex(({ subscriptionId }) => subscriptionId === id),
    );
    expect((await exported(`from=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).body).toBe('');
  });

  it.each(['', 'from=yesterday', `from=${at(10)}&to=${at(5)}`])('refuses a range that is none: %s', async (query) => {
    expect((await exported(query)).statusCode).toBe(400);
  });

  it('reads only as fast as it is taken, allows two at once, and ends with its reader', async () => {
    await manyEntries(30_000); // far more than the buffers of a connection hold
    const [one, other] = [await begun(), await begun()];
    expect([one.statusCode, other.statusCode]).toEqual([200, 200]);
    expect(await openTransactions()).toBe(2); // both wait for their readers
    const third = await begun();
    expect(third.statusCode).toBe(503);
    third.destroy();
    one.destroy();
    other.destroy();
    await until(async () => (await openTransactions()) === 0);
    expect((await exported(`from=${from()}`)).statusCode).toBe(200);
  });
});

it('keeps with each decision of a batch the message behind it', async () => {
  const subscriptionId = randomUUID();
  const first = observed(aRead(5, { subscriptionId }));
  const second = observed(aRead(40, { subscriptionId, status: 'Unsubscribed' }));
  await app.deliver(first, second);
  expect((await pageOf(subscriptionId)).items).toMatchObject([{ causationId: first.id }, { causationId: second.id }]);
});
