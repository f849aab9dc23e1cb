import { register } from '@landfall/service-defaults';
import { ledgerApp } from '../testing/ledger.app';
import { AuditRuns } from './audit.runs';
import type { AuditedView } from './audit.view';

const { app, subscribed, round, handedOver, answer, toGrace } = ledgerApp();

const runs = () => app.get<AuditRuns>(AuditRuns);
const differences = () => app.query(`select what, difference::text from billing.imbalances order by number`);
/** Of the newest run: how many subscriptions, and how many differences. */
const newest = async (kind: string) =>
  (
    await app.query(
      `select subscriptions, differences, ended_at is not null as "isEnded" from billing.audit_runs where kind = $1 order by period desc limit 1`,
      [kind],
    )
  )[0];

/** As if no run had ever been. */
async function check(kind: 'hour' | 'night', copy = runs()): Promise<void> {
  await app.query('delete from billing.audit_runs');
  await copy.begin();
  while (await copy.checkPage(kind));
}

async function sumsOf(subscriptionId: string): Promise<AuditedView> {
  const answered = await app.http({
    url: `/usage/sums?subscriptionId=${subscriptionId}`,
    headers: { authorization: await app.bearer('landfall.read') },
  });
  return answered.json<{ items: AuditedView[] }>().items[0]!;
}

afterEach(async () => {
  await app.query(
    'truncate billing.imbalances, billing.usage, billing.buckets, billing.accounts, billing.hours, billing.write_offs, billing.subscriptions cascade',
  );
  await app.sent();
});

it('shows where all that was recorded has gone', async () => {
  const { subscriptionId, used, suspended } = await subscribed();
  await used('1300', 1);
  const [first] = await handedOver();
  await answer(first!, { status: 'Accepted' });
  await used('40', 0);
  const [second] = await handedOver();
  await answer(second!, { status: null, unanswered: 1 });
  await used('2', 1);
  await round();
  await suspended();
  toGrace();
  await used('500', 0);
  await round();
  await used('7', 0); // not counted so far
  const { sums, differences: found } = await sumsOf(subscriptionId);
  expect(found).toEqual([]);
  expect(sums).toEqual([
    expect.objectContaining({ planId: null, meter: 'emails', recorded: '7', uncounted: '7' }),
    expect.objectContaining({
      ...{ planId: 'silver', meter: 'emails', recorded: '1842', included: '1000', accepted: '300', uncertain: '40', carryForward: '2' },
      ...{ notReportable: { suspended: '500' }, writtenOff: {}, waiting: '0', credit: '0' },
    }),
  ]);
});

it('knows what somebody else charges: an opening balance, and what was used in shadow', async () => {
  await app.query(`insert into billing.modes (from_hour, setting) values ('epoch', 'shadow')`);
  const { subscriptionId, used } = await subscribed();
  const opened = await app.http({
    ...{ method: 'POST', url: `/subscriptions/${subscriptionId}/opening-balance` },
    headers: { authorization: await app.bearer('landfall.operate'), 'idempotency-key': subscriptionId },
    payload: {
      planId: 'silver',
      meter: 'emails',
      day: new Date(app.clock.now()).toISOString().slice(0, 10),
      quantity: '700',
      reason: 'spec',
    },
  });
  expect(opened.statusCode).toBe(200);
  await used('600', 0);
  await handedOver();
  await app.query('delete from billing.modes');
  await used('50', 0);
  await handedOver();
  expect(await sumsOf(subscriptionId)).toMatchObject({
    sums: [{ recorded: '650', opening: '700', included: '1000', shadowed: '300', waiting: '50', carryForward: '0', credit: '0' }],
    differences: [],
  });
});

it('finds nothing where the sums agree, each hour of what has changed and each night of all', async () => {
  const { used } = await subscribed();
  await subscribed();
  await used('1300');
  await handedOver();
  await check('hour');
  expect(await newest('hour')).toEqual({ subscriptions: 2, differences: 0, isEnded: true });
  await check('hour');
  expect(await newest('hour')).toEqual({ subscriptions: 0, differences: 0, isEnded: true });
  await check('night');
  expect(await newest('night')).toEqual({ subscriptions: 2, differences: 0, isEnded: true });
  expect(await register.metrics()).toMatch(/^billing_imbalances 0$/m);
});

it.each([
  ['an account was changed', `update billing.accounts set net = net + 1`, ['in the account, and recorded', 'recorded, and accounted for']],
  ['an account has gone', `delete from billing.accounts`, ['in the account, and recorded', 'in the account, and placed email']],
  ['an hour has gone', `delete from billing.hours`, ['in the account, and placed email']],
  ['the sum of an hour was changed', `update billing.buckets set quantity = quantity + 1`, ['in the sums of hours, and rated, in 1 hours']],
  ['a record has gone', `delete from billing.usage`, ['in the sums of hours, and in their records, in 1 hours']],
])('finds in the night that %s, names it until it is mended, and shows it as a metric', async (_what, change, expected) => {
  const { used, subscriptionId } = await subscribed();
  await used('1300');
  await handedOver();
  const tables = ['accounts', 'hours', 'buckets', 'usage'];
  for (const table of tables)
    await app.query(`drop table if exists public.kept_${table}; create table public.kept_${table} as select * from billing.${table}`);
  await app.query(change);
  await check('night');
  const found = (await differences()).map(({ what }) => what);
  expect(found).toEqual(expect.arrayContaining(expected));
  expect(await register.metrics()).toMatch(new RegExp(`^billing_imbalances ${found.length}$`, 'm'));
  expect((await sumsOf(subscriptionId)).differences.map(({ what }) => what)).toEqual(found);
  for (const table of tables)
    await app.query(`delete from billing.${table}; insert into billing.${table} select * from public.kept_${table}`);
  await check('hour');
  expect([await newest('hour'), await differences()]).toEqual([{ subscriptions: 1, differences: 0, isEnded: true }, []]);
});

it('names a ledger whose rows can not be read, and checks the others beside it', async () => {
  const [unreadable, wrong, right] = [await subscribed(), await subscribed(), await subscribed()];
  for (const { used } of [unreadable, wrong, right]) await used('1300');
  await handedOver();
  const ofUnreadable = `where subscription_id = '${unreadable.subscriptionId}'`;
  await app.query(`update billing.buckets set rated = '[{"kind": "counted", "quantity": "many"}]' ${ofUnreadable}`);
  await app.query(`update billing.accounts set net = net + 1 where subscription_id = $1`, [wrong.subscriptionId]);
  for (const kind of ['hour', 'night'] as const) {
    await check(kind);
    expect(await newest(kind)).toMatchObject({ subscriptions: 3, isEnded: true });
    expect((await differences()).map(({ what }) => what)).toEqual(
      expect.arrayContaining(['its rows can not be read', 'in the account, and recorded']),
    );
  }
  expect((await sumsOf(unreadable.subscriptionId)).differences).toMatchObject([{ what: 'its rows can not be read' }]);
  expect((await sumsOf(right.subscriptionId)).differences).toEqual([]);
});

it('checks once, however many copies there are, and goes on after a crash where it was', async () => {
  for (let count = 0; count < 3; count += 1) await subscribed();
  const other = (await app.copy()).get<AuditRuns>(AuditRuns);
  await Promise.all([check('night'), other.begin()]);
  await Promise.all(
    [runs(), other].map(async (copy) => {
      while (await copy.checkPage('night'));
    }),
  );
  expect(await newest('night')).toMatchObject({ subscriptions: 3, isEnded: true });
  const [half] = await app.query<{ id: string }>('select id from billing.subscriptions order by id limit 1');
  await app.query(
    `update billing.audit_runs set ended_at = null, after = $1, subscriptions = 1 where kind = 'night' and period = (select max(period) from billing.audit_runs where kind = 'night')`,
    [half!.id],
  );
  while (await other.checkPage('night'));
  expect(await newest('night')).toMatchObject({ subscriptions: 3, isEnded: true });
});
