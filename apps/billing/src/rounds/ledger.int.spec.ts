import { HOUR_MS, hourOf, isoOf } from '../ledger/hours';
import { ledgerApp } from '../testing/ledger.app';
import { LedgerRounds } from './ledger.rounds';

const { app, now, subscribed, round, toGrace, handedOver, answer, reports } = ledgerApp();

const counted = { type: 'landfall.billing.usage-counted.v1' };
const reported = { type: 'landfall.billing.usage-reported.v1' };

it('counts what was used against what the plan includes, and tells it by the hour', async () => {
  const { used } = await subscribed();
  await used('600');
  await round();
  expect(await app.sent()).toMatchObject([
    { type: 'landfall.fulfillment.read-plan.v1', data: { planId: 'silver' } },
    { ...counted, data: { planId: 'silver', meter: 'emails', used: '600', usedInTerm: '600', included: '1000', remaining: '400' } },
  ]);
  await used('0.5');
  await round();
  expect(await app.sent()).toMatchObject([{ ...counted, data: { used: '600.5', remaining: '399.5' } }]);
});

it('hands over what is beyond it once the hour and its grace are over, and tells what Microsoft has accepted', async () => {
  const { used, hours, subscriptionId } = await subscribed();
  await used('1300', 0);
  await round();
  expect(reports(await app.sent())).toEqual([]);
  const [report] = await handedOver();
  expect(report).toMatchObject({ events: [{ subscriptionId, dimension: 'email', planId: 'silver', quantity: '300' }] });
  expect(await hours()).toMatchObject([{ quantity: '300', state: 'waiting' }]);
  await answer(report!, { status: 'Accepted' });
  await answer(report!, { status: null, unanswered: 1 }); // another one changes nothing
  expect(await app.sent()).toMatchObject([
    { ...reported, data: { quantity: '300', dimension: 'email', usageEventId: expect.any(String) } },
  ]);
  expect(await hours()).toMatchObject([{ state: 'accepted' }]);
  expect(await handedOver()).toEqual([]);
});

it('hands over once, however many copies look at the same time', async () => {
  const { used, hours } = await subscribed();
  await used('1300', 0);
  const other = await app.copy();
  toGrace();
  await Promise.all([app, other, app, other].map((copy) => round(Infinity, copy)));
  expect(reports(await app.sent())).toHaveLength(1);
  expect(await hours()).toMatchObject([{ quantity: '300' }]);
});

it('hands over as soon as all is read, also where it was looked at before that', async () => {
  const { used, isLookedAt } = await subscribed();
  await used('1300', 0);
  toGrace();
  for (let look = 0; look < 2; look += 1) {
    await isLookedAt();
    await round(-Infinity);
  }
  expect(reports(await app.sent())).toEqual([]);
  await round();
  expect(reports(await app.sent())).toMatchObject([{ events: [{ quantity: '300' }] }]);
});

it('hands over shortly before its deadline what nobody knows to be read', async () => {
  const { used } = await subscribed();
  await used('1300', 0);
  toGrace();
  await round(-Infinity);
  app.clock.advance(19 * HOUR_MS);
  await used('7', 0, 0); // an hour later
  for (let hours = 0; hours < 2; hours += 1) {
    app.clock.advance(HOUR_MS);
    await round(-Infinity);
  }
  expect(reports(await app.sent())).toMatchObject([{ events: [{ quantity: '300' }] }]);
});

it('tells what was used before anybody knew what the plan includes, once that is read', async () => {
  const { used, plansRead } = await subscribed({ arePlansRead: false });
  await used('600');
  await round();
  expect((await app.sent()).filter(({ type }) => type === counted.type)).toEqual([]);
  await plansRead();
  await round();
  await plansRead(); // at a renewal: nothing new is known
  await round();
  expect(await app.sent()).toMatchObject([{ ...counted, data: { used: '600', remaining: '400' } }]);
});

it('never sends again what Microsoft may have, and carries what it surely has not', async () => {
  const lost = await subscribed();
  const expired = await subscribed();
  for (const one of [lost, expired]) await one.used('1300', 0);
  const [report] = await handedOver();
  expect(report!.events).toHaveLength(2);
  const results = report!.events.map((event) => ({ ...event, isLost: event.subscriptionId === lost.subscriptionId }));
  await answer({ ...report!, events: results.filter(({ isLost }) => isLost) }, { status: null, unanswered: 4 });
  await answer({ ...report!, events: results.filter(({ isLost }) => !isLost) }, { status: 'unsent' });
  expect(await lost.hours()).toMatchObject([{ state: 'uncertain' }]);
  expect(await handedOver()).toMatchObject([{ events: [{ subscriptionId: expired.subscriptionId, quantity: '300' }] }]);
  expect(await handedOver()).toEqual([]);
});

it('holds what comes days late where its own hour becomes an anomaly, and makes it history once it is confirmed', async () => {
  const { used, hours, isLookedAt, subscriptionId } = await subscribed();
  await used('1010', 40);
  await handedOver();
  await used('400000', 39); // 1,200.00
  await round();
  expect(await handedOver()).toEqual([]);
  expect((await hours()).at(-1)).toMatchObject({ quantity: '400000', state: 'held' });
  const [held] = await app.query<{ origins: unknown; from: Date }>(
    `select origins, late_from as from from billing.hours join billing.subscriptions s on s.id = subscription_id where s.id = $1 and state = 'held'`,
    [subscriptionId],
  );
  const hour = held!.from.getTime();
  expect(held!.origins).toEqual([expect.objectContaining({ quantity: '0' }), { hour, quantity: '400000' }]);
  await app.query(`update billing.hours set state = 'accepted', reason = null where subscription_id = $1 and state = 'held'`, [
    subscriptionId,
  ]);
  await isLookedAt();
  await round();
  const peaks = { emails: expect.objectContaining({ [isoOf(hour).slice(0, 10)]: '400000' }) as object };
  const seen = await app.query('select peaks, late_from from billing.subscriptions where id = $1', [subscriptionId]);
  expect(seen).toEqual([{ peaks, late_from: null }]);
});

it('rates an hour anew where the plan turns out to have changed in it: by its records', async () => {
  const { used, movesTo, subscriptionId } = await subscribed();
  const change = hourOf(now()) + 20 * 60_000;
  await used('1050', 0, 5 * 60_000);
  await used('80', 0, 40 * 60_000);
  await round();
  await app.sent();
  await movesTo('gold', change);
  const [report] = await handedOver();
  expect(report).toMatchObject({ events: [{ subscriptionId, planId: 'silver', quantity: '50' }] });
  await answer(report!, {});
  const accounts = await app.query(`select plan_id as plan, net::text from billing.accounts where subscription_id = $1 order by plan_id`, [
    subscriptionId,
  ]);
  expect(accounts).toEqual([
    { plan: 'gold', net: '80' },
    { plan: 'silver', net: '1050' },
  ]);
});

it('reports nothing while a subscription is suspended, and never what was used meanwhile', async () => {
  const { used, suspended } = await subscribed();
  await used('1300', 1);
  await suspended();
  await used('500', 0, 59 * 60_000 + 59_000);
  expect(await handedOver()).toEqual([]);
});

it('reads the subscription where Microsoft takes no usage of it, and uses the key again after an hour', async () => {
  const { used, hours } = await subscribed();
  await used('1300', 0);
  const [report] = await handedOver();
  await answer(report!, { status: 'ResourceNotActive' });
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.check-subscription.v1' }]);
  expect(await handedOver()).toEqual([]); // a moment too early
  app.clock.advance(2 * 60_000);
  await round();
  const [again] = reports(await app.sent());
  expect(again!.batchId).not.toBe(report!.batchId);
  expect(again).toMatchObject({ events: [{ quantity: '300' }] });
  expect(await hours()).toHaveLength(1);
});

it('writes off what is left of a subscription that has ended', async () => {
  const { used, ends } = await subscribed();
  await used('1002', 0, 0);
  await ends(now());
  app.clock.advance(26 * HOUR_MS);
  await round();
  expect(await app.sent()).toContainEqual(
    expect.objectContaining({
      type: 'landfall.billing.usage-written-off.v1',
      data: expect.objectContaining({ reason: 'subscription-ended', quantity: '2' }),
    }),
  );
});

it('sends nothing that it carries after a restore, since it may have done so before: Microsoft’s list decides', async () => {
  const { used, hours } = await subscribed();
  await used('1300', 30); // too late for its own hour
  const restored = `update billing.messaging_setting set restored_at = $1, resumed_at = $1`;
  await app.query(restored, [isoOf(now())]);
  toGrace();
  await (await app.copy()).get<LedgerRounds>(LedgerRounds).handOver(Infinity);
  await app.query(restored, [null]);
  expect(reports(await app.sent())).toEqual([]);
  expect(await hours()).toMatchObject([{ quantity: '300', state: 'uncertain' }]);
});
