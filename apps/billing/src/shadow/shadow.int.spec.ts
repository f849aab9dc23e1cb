import { randomUUID } from 'node:crypto';
import { HOUR_MS, hourOf } from '../ledger/hours';
import { ledgerApp } from '../testing/ledger.app';
import { BillingModes } from './billing.modes';

const { app, now, subscribed, round, toGrace, handedOver, reports } = ledgerApp();

const modes = () => app.query('select from_hour as "from", setting from billing.modes order by from_hour');
/** As if this had always been set. */
const always = (setting: string) => app.query(`insert into billing.modes (from_hour, setting) values ('epoch', $1)`, [setting]);
beforeEach(() => app.query('delete from billing.modes'));

async function give(id: string, differing: object = {}, key: string = randomUUID()) {
  const day = new Date(now()).toISOString().slice(0, 10);
  const answer = await app.http({
    ...{ method: 'POST', url: `/subscriptions/${id}/opening-balance` },
    headers: { authorization: await app.bearer('landfall.operate'), 'idempotency-key': key },
    payload: { planId: 'silver', meter: 'emails', day, quantity: '700', reason: 'counted by hand until today', ...differing },
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

describe('BILLING_MODE', () => {
  it('is kept once by whichever copies start with it, for all time where nothing was kept', async () => {
    const other = await app.copy();
    await Promise.all([app, other].map((copy) => copy.get(BillingModes).keep()));
    await app.get(BillingModes).keep();
    expect(await modes()).toEqual([{ from: new Date(0), setting: 'live' }]);
  });

  it('that has changed holds from the next full hour on', async () => {
    await always('shadow');
    const copy = await app.copy();
    await copy.get(BillingModes).keep();
    expect(await modes()).toMatchObject([{}, { from: new Date(hourOf(now()) + HOUR_MS), setting: 'live' }]);
  });

  it('that has changed holds also for usage of its first hour that was counted before it changed', async () => {
    await always('shadow');
    const { used, hours } = await subscribed();
    await used('1300', -1, 60_000); // by a clock that is ahead
    await round();
    const copy = await app.copy();
    await copy.get(BillingModes).keep();
    toGrace();
    expect(await handedOver()).toMatchObject([{ events: [{ quantity: '300' }] }]);
    expect(await hours()).toMatchObject([{ quantity: '300', state: 'waiting' }]);
  });

  it('shadow: everything is counted and told, and nothing is reported, also after it has become live', async () => {
    await always('shadow');
    const { used, hours } = await subscribed();
    await used('1300', 0);
    expect(await handedOver()).toEqual([]);
    expect(await hours()).toMatchObject([{ quantity: '300', state: 'shadowed' }]);
    await app.query(
      `insert into billing.modes (from_hour, setting) values (date_trunc('hour', $1::timestamptz) + interval '1 hour', 'live')`,
      [app.clock.now()],
    );
    toGrace();
    await used('50', 0);
    expect(await handedOver()).toMatchObject([{ events: [{ quantity: '50' }] }]);
  });
});

describe('an opening balance', () => {
  it('uses up what is included, is told, and is done once under its idempotency key', async () => {
    const { used, subscriptionId } = await subscribed();
    await used('600', 0);
    await round();
    await app.sent();
    const key = randomUUID();
    const first = await give(subscriptionId, {}, key);
    expect(first).toMatchObject({ status: 200, body: { act: 'opening-balance.give', before: {}, after: { openingBalance: '700' } } });
    expect(await give(subscriptionId, {}, key)).toEqual(first);
    await round();
    expect(await app.sent()).toMatchObject([{ data: { used: '600', usedInTerm: '1300', remaining: '0' } }]);
    toGrace();
    await round();
    expect(reports(await app.sent())).toMatchObject([{ events: [{ quantity: '300' }] }]);
  });

  it('leaves alone an hour whose records are kept no longer', async () => {
    const { used, subscriptionId } = await subscribed();
    const hour = hourOf(now()) - 50 * 24 * HOUR_MS;
    await app.query(
      `insert into billing.buckets (subscription_id, meter, hour, quantity, records, is_dirty) values ($1, 'emails', $2, 5, 1, false)`,
      [subscriptionId, new Date(hour)],
    );
    await give(subscriptionId);
    const dirty = () => app.query('select hour from billing.buckets where subscription_id = $1 and is_dirty', [subscriptionId]);
    expect(await dirty()).toEqual([]);
    await used('600', 0);
    await round();
    await give(subscriptionId, { quantity: '800' });
    expect(await dirty()).toHaveLength(1);
    expect(await handedOver()).toMatchObject([{ events: [{ quantity: '400' }] }]);
  });

  it('before anything was used is there when something is', async () => {
    const { used, subscriptionId } = await subscribed();
    await give(subscriptionId);
    await used('600', 0);
    expect(await handedOver()).toMatchObject([{ events: [{ quantity: '300' }] }]);
  });

  it.each([
    [{ quantity: '-1' }, 400],
    [{ quantity: 'many' }, 400],
    [{ day: '6 June' }, 400],
    [{ planId: 'none' }, 409],
  ])('%j is refused in words', async (differing, status) => {
    const { subscriptionId } = await subscribed();
    expect(await give(subscriptionId, differing)).toMatchObject({ status, body: { detail: expect.any(String) } });
  });

  it('of a subscription that nobody knows is refused', async () => expect(await give(randomUUID())).toMatchObject({ status: 404 }));
});
