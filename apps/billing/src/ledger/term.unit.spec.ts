import { aSnapshot } from '@landfall/testing';
import { termAt } from './term';
import { factOf } from './timeline';

describe('when a change became true', () => {
  const [from, to, observedAt] = ['2026-06-01T08:00:00Z', '2026-06-01T09:00:00Z', '2026-06-01T10:00:00Z'];
  const state = (status: 'Subscribed' | 'Suspended' | 'Unsubscribed', dates: object) => ({
    ...aSnapshot({ status }),
    ...({ stage: 'done', access: 'full', imported: false, cause: { source: 'webhook' } } as const),
    ...{ current: { planId: 'silver', quantity: null, status }, effectiveAt: null, observedAt, version: 2, ...dates },
  });

  it.each([
    ['what gives access at the later end of the interval', 'Subscribed', { effectiveBetween: { from, to } }, to],
    ['a suspension at the earlier one', 'Suspended', { effectiveBetween: { from, to } }, from],
    ['an end at the earlier one', 'Unsubscribed', { effectiveBetween: { from, to } }, from],
    ['by its instant where that is known', 'Subscribed', { effectiveAt: from, effectiveBetween: { from, to } }, from],
    ['when it was seen where nothing else is known', 'Subscribed', {}, observedAt],
  ] as const)('%s', (_what, status, dates, at) => {
    expect(factOf('landfall.subscription.plan-changed.v1', state(status, dates)).at).toBe(Date.parse(at));
  });
});

describe('the term in which an instant lies', () => {
  const monthly = { termUnit: 'P1M', startDate: '2025-12-31', endDate: '2026-01-30' };
  const yearly = { termUnit: 'P1Y', startDate: '2025-06-06', endDate: '2026-06-05' };

  it.each([
    ['the shown one', monthly, '2026-01-30T23:59:59Z', '2025-12-31', '2026-01-30', true],
    ['the first one, for what was used before it', monthly, '2025-12-01T00:00:00Z', '2025-12-31', '2026-01-30', true],
    ['reckoned: it begins at midnight UTC', monthly, '2026-01-31T00:00:00Z', '2026-01-31', '2026-02-27', false],
    ['reckoned: a short month has a last day', monthly, '2026-03-01T00:00:00Z', '2026-02-28', '2026-03-30', false],
    ['reckoned: a year', yearly, '2027-01-01T00:00:00Z', '2026-06-06', '2027-06-05', false],
  ])('%s', (_what, known, at, startDate, endDate, isConfirmed) => {
    expect(termAt([known], Date.parse(at))).toMatchObject({ startDate, endDate, isConfirmed });
  });

  it('is not known before Microsoft has named one', () => expect(termAt([], 0)).toBeNull());
});
