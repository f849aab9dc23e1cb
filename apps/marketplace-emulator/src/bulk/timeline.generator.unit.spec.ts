import { builtInOffers } from '../offers/built-in.offers';
import { bulkRequest, subscriptionKinds } from './bulk.request';
import { SeededGenerator } from './seeded.generator';
import { timelineOf, type SubscriptionTimeline } from './timeline.generator';
import { graceMs, purchaseTimes } from './purchase.times';
import { statesOf, operationOf } from './timeline.states';
import { termAt } from './term.at';

const nowMs = Date.UTC(2026, 4, 20, 12);
const offeredPlans = builtInOffers.flatMap((offer) => offer.plans.filter(({ isPrivate }) => !isPrivate).map((plan) => ({ offer, plan })));
const parties = { name: 'Fabrikam Contoso Team', beneficiaryId: 'b', purchaserId: 'p' };

function timelinesOf(wanted: object, seed = 1): SubscriptionTimeline[] {
  const request = bulkRequest.parse({ count: 2_000, ...wanted });
  const times = purchaseTimes(request, nowMs, (number) => new SeededGenerator(seed + 1, number));
  return [...times].map((time, position) => timelineOf(request, offeredPlans, time, nowMs, new SeededGenerator(seed, position)));
}

describe.each(subscriptionKinds)('a timeline that ends in %s', (kind) => {
  const timelines = timelinesOf({ mix: { [kind]: 1 }, createdWithin: 'P3Y' });
  const present = timelines.map(
    (timeline, position) => statesOf(timeline, { id: `s-${position}`, position, ...parties }, nowMs).at(-1)?.subscription,
  );

  it('has that status, and happened in a possible order before now', () => {
    const expected = { pending: 'PendingFulfillmentStart', subscribed: 'Subscribed', suspended: 'Suspended', unsubscribed: 'Unsubscribed' };
    expect(new Set(present.map((subscription) => subscription?.status))).toEqual(new Set([expected[kind]]));
    for (const { createdMs, activatedMs, suspendedMs, endedMs } of timelines) {
      const instants = [createdMs, activatedMs, suspendedMs, endedMs, nowMs].filter((instant) => instant !== null);
      expect(instants).toEqual([...instants].sort((one, other) => one - other));
    }
  });

  it('is a sale that the store would have made', () => {
    for (const { plan, quantity, termUnit } of timelines) {
      expect(plan.billingTerms.map((term) => term.termUnit)).toContain(termUnit);
      if (!plan.seats) expect(quantity).toBeNull();
      else expect(quantity).toBeGreaterThanOrEqual(plan.seats.min);
      expect(quantity ?? 0).toBeLessThanOrEqual(plan.seats?.max ?? 1_000_000);
    }
  });

  it('has every active subscription in a term that is paid', () => {
    for (const subscription of present) {
      if (subscription?.status !== 'Subscribed') continue;
      const { startDate, endDate } = subscription.term as { startDate: string; endDate: string };
      expect(Date.parse(startDate)).toBeLessThanOrEqual(nowMs);
      expect(Date.parse(endDate) + 86_400_000).toBeGreaterThan(nowMs);
    }
  });
});

it('leaves no suspension that would have run out of time', () => {
  for (const { suspendedMs } of timelinesOf({ mix: { suspended: 1 } })) expect(nowMs - (suspendedMs as number)).toBeLessThan(graceMs);
});

it('ends timelines in every way: never activated, cancelled, not renewed, not paid', () => {
  const timelines = timelinesOf({ mix: { unsubscribed: 1 }, createdWithin: 'P2Y' });
  const ways = [
    timelines.filter(({ activatedMs }) => activatedMs === null),
    timelines.filter(({ suspendedMs }) => suspendedMs !== null),
    timelines.filter(({ autoRenew, suspendedMs, activatedMs, endedMs, termUnit }) => {
      return !autoRenew && suspendedMs === null && endedMs === termAt(activatedMs ?? 0, termUnit, (endedMs as number) - 1).endMs;
    }),
  ];
  for (const way of ways) expect(way.length).toBeGreaterThan(50);
});

it('is in its 14th month after 400 days, with the renewal that led there', () => {
  const activatedMs = nowMs - 400 * 86_400_000; // 15 April 2025
  expect(termAt(activatedMs, 'P1M', nowMs)).toMatchObject({
    number: 13,
    term: { startDate: '2026-05-15T00:00:00Z', endDate: '2026-06-14T00:00:00Z' },
  });
  expect(termAt(activatedMs, 'P1Y', nowMs)).toMatchObject({ number: 1, term: { startDate: '2026-04-15T00:00:00Z' } });
  const timeline = timelinesOf({ mix: { subscribed: 1 } }).find(({ termUnit }) => termUnit === 'P1M');
  const states = statesOf(timeline as SubscriptionTimeline, { id: 's', position: 0, ...parties }, nowMs);
  expect(states.map((state) => operationOf(state, (action) => action))).toMatchObject([
    { action: 'Renew', status: 'Succeeded', settledBy: 'microsoft' },
  ]);
});

it('shares as was asked: resellers, trials, ends, terms', () => {
  const timelines = timelinesOf({
    mix: { subscribed: 1 },
    cspShare: 0.3,
    endingShare: 0.2,
    trialShare: 1,
    terms: { P1Y: 1 },
    createdWithin: 'P20D',
  });
  const shareOf = (fits: (timeline: SubscriptionTimeline) => boolean) => timelines.filter(fits).length / timelines.length;
  expect(shareOf(({ channel }) => channel === 'csp')).toBeCloseTo(0.3, 1);
  expect(shareOf(({ autoRenew }) => !autoRenew)).toBeCloseTo(0.2, 1);
  expect(shareOf(({ termUnit }) => termUnit === 'P1Y')).toBe(1);
  for (const { isFreeTrial, plan, channel } of timelines) expect(isFreeTrial).toBe(plan.hasFreeTrials && channel === 'direct');
});

it('is the same for the same seed, and another for another', () => {
  expect(timelinesOf({}, 5)).toEqual(timelinesOf({}, 5));
  expect(timelinesOf({}, 5)).not.toEqual(timelinesOf({}, 6));
});
