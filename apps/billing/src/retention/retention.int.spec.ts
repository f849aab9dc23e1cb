import { DAY_MS } from '../ledger/hours';
import { ledgerApp } from '../testing/ledger.app';
import { LedgerRetention } from './ledger.retention';

const { app, subscribed, round, handedOver, answer } = ledgerApp();

type Subscribed = Awaited<ReturnType<typeof subscribed>>;

const clean = () => app.get(LedgerRetention).clean();
const tables = ['accounts', 'buckets', 'hours', 'write_offs'];

/** How many rows each table has of it. */
async function rowsOf({ subscriptionId }: Subscribed): Promise<Record<string, number>> {
  const counts = tables.map((table) => `(select count(*)::int from billing.${table} where subscription_id = $1) as ${table}`);
  const [row] = await app.query(`select ${counts.join(', ')}`, [subscriptionId]);
  return row as Record<string, number>;
}

async function differencesOf({ subscriptionId }: Subscribed): Promise<unknown> {
  const { items } = (
    await app.http({
      url: `/usage/sums?subscriptionId=${subscriptionId}`,
      headers: { authorization: await app.bearer('landfall.read') },
    })
  ).json<{ items: { differences: unknown }[] }>();
  return items[0]!.differences;
}

/** 1,300 used in an hour, of which 300 are handed over; Microsoft answers so. */
async function reported(result: Parameters<typeof answer>[1]): Promise<Subscribed> {
  const subscription = await subscribed();
  await subscription.used('1300', 0);
  const [report] = await handedOver();
  await answer(report!, result);
  return subscription;
}

beforeEach(async () => {
  await app.query(
    'truncate billing.usage, billing.buckets, billing.accounts, billing.hours, billing.write_offs, billing.subscriptions cascade',
  );
  await app.sent();
});

it('deletes a closed term whole, and nothing before its time', async () => {
  const accepted = await reported({ status: 'Accepted' });
  app.clock.advance(420 * DAY_MS); // 393 after the end of the term
  expect(await clean()).toBe(0);
  expect(await rowsOf(accepted)).toEqual({ accounts: 1, buckets: 1, hours: 1, write_offs: 0 });
  app.clock.advance(10 * DAY_MS);
  expect(await clean()).toBe(1);
  expect(await rowsOf(accepted)).toEqual({ accounts: 0, buckets: 0, hours: 0, write_offs: 0 });
  expect(await differencesOf(accepted)).toEqual([]);
});

it('keeps what is open: an uncertain hour, a credit, a fraction of a cent, and what is not counted', async () => {
  const uncertain = await reported({ status: null, unanswered: 1 });
  const credited = await reported({ status: 'Accepted' });
  await credited.used('-200', 1);
  await round();
  const fraction = await subscribed();
  await fraction.used('1001', 0);
  await handedOver();
  const dirty = await reported({ status: 'Accepted' });
  await dirty.used('1', 0);
  app.clock.advance(430 * DAY_MS);
  expect(await clean()).toBe(0);
  for (const one of [uncertain, credited, fraction, dirty]) expect(await rowsOf(one)).toMatchObject({ accounts: 1 });
});

it('keeps an hour that has a share of a term that is kept, with that share alone, and the sums agree', async () => {
  const accepted = await reported({ status: 'Accepted' });
  const { subscriptionId } = accepted;
  const kept = '{"term":"2030-01-01","quantity":"0"}';
  await app.query(`update billing.hours set shares = shares || $2::jsonb where subscription_id = $1`, [subscriptionId, `[${kept}]`]);
  app.clock.advance(430 * DAY_MS);
  expect(await clean()).toBe(1);
  expect(await app.query('select shares from billing.hours where subscription_id = $1', [subscriptionId])).toEqual([
    { shares: [JSON.parse(kept)] },
  ]);
  expect(await differencesOf(accepted)).toEqual([]);
});

it('deletes usage that was never reportable, by its own time', async () => {
  const suspended = await subscribed();
  await suspended.suspended();
  await suspended.used('500', 0, 59 * 60_000 + 59_000);
  await handedOver();
  app.clock.advance(430 * DAY_MS);
  await clean();
  expect(await rowsOf(suspended)).toMatchObject({ buckets: 0 });
});

it('is done by whichever copy comes first', async () => {
  const accepted = await reported({ status: 'Accepted' });
  const copy = await app.copy();
  app.clock.advance(430 * DAY_MS);
  const done = await Promise.all([clean(), copy.get(LedgerRetention).clean()]);
  expect(done.reduce((sum, one) => sum + one, 0)).toBe(1);
  expect(await rowsOf(accepted)).toEqual({ accounts: 0, buckets: 0, hours: 0, write_offs: 0 });
});
