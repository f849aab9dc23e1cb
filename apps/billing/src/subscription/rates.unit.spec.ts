import { planRead, readPlan, subscriptionUpdated, type Catalog } from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import type { Subscription } from './subscription';
import { followSubscription, keepRates } from './subscription.domain';

const { subscriptionId, publisherId, offerId, isPreview } = aSnapshot();
const plan = { activation: 'on-confirm', meters: { emails: { dimension: 'email' } } } as const;
const unmetered = { activation: 'on-confirm' } as const;
const catalog: Catalog = {
  publishers: { [publisherId]: { offers: { [offerId]: { displayName: 'Reach', plans: { silver: plan, gold: plan, basic: unmetered } } } } },
};
const term = { termUnit: 'P1M', startDate: '2026-05-06', endDate: '2026-06-05' };
const next = { termUnit: 'P1M', startDate: '2026-06-06', endDate: '2026-07-05' };
const known: Subscription = {
  ...{ id: subscriptionId, publisherId, offerId, isPreview, version: 1, rates: {}, peaks: {}, counts: 0, lookAt: null, lateFrom: null },
  facts: [
    {
      ...{ version: 1, at: Date.parse('2026-05-06T09:00:00Z'), status: 'Subscribed', planId: 'silver', isFreeTrial: false, term },
      ...{ isTakenOver: false, isExplanation: false },
    },
  ],
};

it.each([
  ['another plan', { planId: 'gold' }, term, 'gold'],
  ['a new term, with which a private offer may have ended', {}, next, 'silver'],
  ['nothing that prices depend on', {}, term, null],
  ['a plan without meters', { planId: 'basic' }, term, null],
  ['a suspension', { status: 'Suspended' }, term, null],
] as const)('a subscription that shows %s: what its plan costs is read, or not', (_what, differing, shown, planId) => {
  const at = '2026-06-06T03:10:00Z';
  const state = {
    ...aSnapshot({ planId: 'silver', quantity: null, status: 'Subscribed', ...differing, term: { ...shown, chargeDuration: null } }),
    ...({ stage: 'done', access: 'full', imported: false, cause: { source: 'webhook' } } as const),
    ...{ current: { planId: 'silver', quantity: null, status: 'Subscribed' as const }, effectiveAt: at, observedAt: at, version: 2 },
  };
  const { effects } = followSubscription(() => catalog)(known, aMessage(subscriptionUpdated(state, { sequence: 2 })));
  expect(effects).toMatchObject(planId === null ? [] : [{ type: readPlan.type, data: { subscriptionId, planId } }]);
});

it('keeps the newest copy of what a plan costs, and the last that Microsoft has listed', () => {
  const copy = (date: string, pricePerUnit: string, isListed = true) => {
    const dimensions = isListed ? [{ dimension: 'email', pricePerUnit, currency: 'USD', unitOfMeasure: 'email' }] : [];
    return aMessage(planRead({ subscriptionId, planId: 'silver', isListed, dimensions, terms: [], date }));
  };
  const first = keepRates(known, copy('2026-06-06T10:00:00Z', '0.003'));
  expect(first).toMatchObject({ kind: 'changed', state: { rates: { silver: { prices: { email: '0.003' } } } } });
  const kept = first.kind === 'changed' ? first.state : known;
  expect(keepRates(kept, copy('2026-06-06T09:00:00Z', '0.002'))).toMatchObject({ kind: 'ignored' });
  expect(keepRates(kept, copy('2026-06-07T10:00:00Z', '0.002', false))).toMatchObject({ kind: 'ignored' });
  expect(keepRates(kept, copy('2026-06-07T10:00:00Z', '0.002'))).toMatchObject({
    state: { rates: { silver: { prices: { email: '0.002' } } } },
  });
  expect(keepRates(undefined, copy('2026-06-07T10:00:00Z', '0.002'))).toMatchObject({ kind: 'ignored' });
});
