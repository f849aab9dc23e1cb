import { planRead, subscriptionSnapshot, subscriptionSuspended, subscriptionUpdated } from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import { timelineOf, type Fact } from '../ledger/timeline';
import type { Subscription, SubscriptionMessage } from './subscription';
import { followSubscription, keepRates } from './subscription.domain';

const day = 86_400_000;
const now = Date.parse('2026-06-30T10:00:00Z');
const term = { termUnit: 'P1Y', startDate: '2026-01-01', endDate: '2026-12-31' };
const fact = (version: number, daysAgo: number, planId: string): Fact => ({
  ...{ version, at: now - daysAgo * day, status: 'Subscribed', planId, isFreeTrial: false, term },
  ...{ isTakenOver: false, isExplanation: false },
});

const state = (differing: { planId: string; version: number; effectiveAt: string }) => ({
  ...aSnapshot({ quantity: null, status: 'Subscribed', term: { ...term, chargeDuration: null } }),
  ...({ stage: 'done', access: 'full', imported: false, cause: { source: 'webhook' } } as const),
  ...{ current: { planId: differing.planId, quantity: null, status: 'Subscribed' as const }, observedAt: differing.effectiveAt },
  ...differing,
});
const before: Subscription = {
  ...{
    ...aSnapshot(),
    id: aSnapshot().subscriptionId,
    version: 1,
    facts: [fact(1, 30, 'silver')],
    rates: {},
    peaks: {},
    counts: 0,
    lookAt: null,
    lateFrom: null,
  },
};
const follow = followSubscription(() => ({ publishers: {} }));

it('rates anew from the earliest of the changes that one batch brings', () => {
  const told = ([10, 5] as const).map((daysAgo, place) => {
    const effectiveAt = new Date(now - daysAgo * day).toISOString();
    const version = place + 2;
    return aMessage(subscriptionUpdated(state({ planId: place ? 'silver' : 'gold', version, effectiveAt }), { sequence: version }));
  });
  let subscription = before;
  for (const message of told) {
    const outcome = follow(subscription, message);
    if (outcome.kind !== 'changed') throw new Error('nothing was changed');
    subscription = outcome.state;
  }
  expect(subscription).toMatchObject({ version: 3, ratedAnewFrom: now - 10 * day });
});

describe('of a version that a restored database has given again, what was told with the higher epoch holds', () => {
  const message = (planId: string, epoch: number) =>
    aMessage(subscriptionUpdated(state({ planId, version: 2, effectiveAt: new Date(now - day).toISOString() }), { sequence: 2 }), {
      epoch,
    });
  const after = (...messages: ReturnType<typeof message>[]) =>
    messages.reduce((known, one) => {
      const outcome = follow(known, one);
      return outcome.kind === 'changed' ? outcome.state : known;
    }, before);

  it.each([
    ['after', message('gold', 1), message('platinum', 2)],
    ['before', message('platinum', 2), message('gold', 1)],
  ])('also where it comes %s the other', (_which, one, other) => {
    const { facts } = after(one, other);
    expect(timelineOf(facts).segments.map(({ planId }) => planId)).toEqual(['silver', 'platinum']);
  });
});

it('tells what was counted before a plan was read, also where it is read twice in one batch', () => {
  const dimensions = [{ dimension: 'email', pricePerUnit: '0.003', currency: 'USD', unitOfMeasure: 'email' }];
  const read = () =>
    aMessage(
      planRead({ subscriptionId: before.id, planId: 'silver', isListed: true, dimensions, terms: [], date: new Date(now).toISOString() }),
    );
  const once = keepRates(before, read());
  const twice = keepRates(once.kind === 'changed' ? once.state : undefined, read());
  expect(twice).toMatchObject({ kind: 'changed', state: { ratedAnewFrom: 0 } });
});

it('rates anew from a change on, and nothing before it, also where what is too old is forgotten with it', () => {
  const { id, publisherId, offerId, isPreview } = { id: aSnapshot().subscriptionId, ...aSnapshot() };
  const facts = [fact(1, 150, 'silver'), fact(2, 120, 'gold'), fact(3, 90, 'silver')];
  const known: Subscription = {
    id,
    publisherId,
    offerId,
    isPreview,
    version: 3,
    facts,
    rates: {},
    peaks: {},
    counts: 0,
    lookAt: null,
    lateFrom: null,
  };
  const at = new Date(now).toISOString();
  const state = {
    ...aSnapshot({ planId: 'gold', quantity: null, status: 'Subscribed', term: { ...term, chargeDuration: null } }),
    ...({ stage: 'done', access: 'full', imported: false, cause: { source: 'webhook' } } as const),
    ...{ current: { planId: 'gold', quantity: null, status: 'Subscribed' as const }, effectiveAt: at, observedAt: at, version: 4 },
  };
  const outcome = followSubscription(() => ({ publishers: {} }))(known, aMessage(subscriptionUpdated(state, { sequence: 4 })));
  expect(outcome).toMatchObject({ kind: 'changed', state: { version: 4, ratedAnewFrom: now, facts: [{ version: 3 }, { version: 4 }] } });
});

it('takes nothing of a version that is too old to be remembered, however often its message comes', () => {
  const known = { ...before, version: 4, facts: [fact(3, 90, 'silver'), fact(4, 1, 'gold')] };
  const effectiveAt = new Date(now - 120 * day).toISOString();
  const message = aMessage(subscriptionUpdated(state({ planId: 'gold', version: 2, effectiveAt }), { sequence: 2 }));
  expect(follow(known, message)).toMatchObject({ kind: 'ignored' });
});

it.each([
  ['event', false],
  ['snapshot', true],
])('begins a suspension when its explanation says, whichever of the two topics is read first: the %s', (_first, isSnapshotFirst) => {
  const [changedAt, seenAt] = ['2026-06-30T08:00:00.000Z', '2026-06-30T10:00:00.000Z'];
  const silver = { planId: 'silver', quantity: null, status: 'Subscribed' } as const;
  const suspended = { ...silver, status: 'Suspended' } as const;
  const graceEndsAt = '2026-07-30T08:00:00.000Z';
  const state = (version: number, effectiveAt: string | null) => ({
    ...aSnapshot({ ...suspended, term: { ...term, chargeDuration: null } }),
    ...({ stage: 'done', access: 'none', imported: false, cause: { source: 'webhook' } } as const),
    ...{ current: suspended, effectiveAt, observedAt: seenAt, version },
  });
  const [seen, explained] = [state(2, null), state(3, changedAt)];
  const pairs: readonly SubscriptionMessage[][] = [
    [
      aMessage(subscriptionSuspended({ ...seen, previous: silver, graceEndsAt }, { sequence: 2 })),
      aMessage(subscriptionSnapshot(seen, { sequence: 2 })),
    ],
    [
      aMessage(subscriptionUpdated({ ...explained, graceEndsAt }, { sequence: 3 })),
      aMessage(subscriptionSnapshot(explained, { sequence: 3 })),
    ],
  ];
  const { subscriptionId: id, publisherId, offerId, isPreview } = seen;
  let known: Subscription = {
    ...{ id, publisherId, offerId, isPreview, version: 1, facts: [fact(1, 30, 'silver')] },
    ...{ rates: {}, peaks: {}, counts: 0, lookAt: null, lateFrom: null },
  };
  for (const message of pairs.flatMap((pair) => (isSnapshotFirst ? pair.toReversed() : pair))) {
    const outcome = followSubscription(() => ({ publishers: {} }))(known, message);
    if (outcome.kind === 'changed') known = outcome.state;
  }
  expect(timelineOf(known.facts).segments).toMatchObject([{ status: 'Subscribed' }, { status: 'Suspended', from: Date.parse(changedAt) }]);
});
