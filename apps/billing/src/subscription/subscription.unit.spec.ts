import { subscriptionUpdated } from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import type { Fact } from '../ledger/timeline';
import type { Subscription } from './subscription';
import { followSubscription } from './subscription.domain';

const day = 86_400_000;
const now = Date.parse('2026-06-30T10:00:00Z');
const term = { termUnit: 'P1Y', startDate: '2026-01-01', endDate: '2026-12-31' };
const fact = (version: number, daysAgo: number, planId: string): Fact => ({
  ...{ version, at: now - daysAgo * day, status: 'Subscribed', planId, isFreeTrial: false, term },
  ...{ isTakenOver: false, isExplanation: false },
});

it('rates anew from a change on, and nothing before it, also where what is too old is forgotten with it', () => {
  const { id, publisherId, offerId, isPreview } = { id: aSnapshot().subscriptionId, ...aSnapshot() };
  const facts = [fact(1, 150, 'silver'), fact(2, 120, 'gold'), fact(3, 90, 'silver')];
  const known: Subscription = { id, publisherId, offerId, isPreview, version: 3, facts, rates: {}, peaks: {}, counts: 0, lookAt: null };
  const at = new Date(now).toISOString();
  const state = {
    ...aSnapshot({ planId: 'gold', quantity: null, status: 'Subscribed', term: { ...term, chargeDuration: null } }),
    ...({ stage: 'done', access: 'full', imported: false, cause: { source: 'webhook' } } as const),
    ...{ current: { planId: 'gold', quantity: null, status: 'Subscribed' as const }, effectiveAt: at, observedAt: at, version: 4 },
  };
  const outcome = followSubscription(() => ({ publishers: {} }))(known, aMessage(subscriptionUpdated(state, { sequence: 4 })));
  expect(outcome).toMatchObject({ kind: 'changed', state: { version: 4, ratedAnewFrom: now, facts: [{ version: 3 }, { version: 4 }] } });
});
