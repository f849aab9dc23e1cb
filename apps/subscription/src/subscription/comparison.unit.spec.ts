import type { Draft } from '@landfall/contracts';
import * as given from './subscription.builders';
import { aSnapshot, at, decide, emitted, loaded } from './subscription.builders';

describe('a comparison', () => {
  it('finds each difference of the term', () => {
    const term = { termUnit: 'P1M', startDate: '2026-01-01', endDate: '2026-01-31', chargeDuration: null };
    for (const change of [{ termUnit: 'P1Y' }, { startDate: '2025-12-31' }, { endDate: '2026-02-01' }, { chargeDuration: 'P1M' }]) {
      expect(emitted(decide(loaded(), given.observed(aSnapshot({ term: { ...term, ...change } }), at(20))))).toEqual(['updated']);
    }
  });

  it('takes a missing private offer for no change', () => {
    const bought = loaded({ privateOfferId: 'c3a1f1de-1111-4a2b-9c3d-000000000001' });
    expect(emitted(decide(bought, given.observed(aSnapshot({ privateOfferId: null }), at(20))))).toEqual([]);
  });
});

describe('when something began', () => {
  const monthsAgo = '2025-10-01T00:00:00.000Z';
  const first = (snapshot: Parameters<typeof aSnapshot>[0], action: string) => {
    const message = given.verified({ action, operationStatus: 'Succeeded', requestedAt: monthsAgo, snapshot: aSnapshot(snapshot) });
    return (decide(loaded(), message).effects as Draft[])[0]!.data;
  };

  it('is known from the operation that is about it', () => {
    expect(first({ status: 'Unsubscribed' }, 'Unsubscribe')).toMatchObject({
      effectiveAt: monthsAgo,
      retainedUntil: '2025-10-31T00:00:00.000Z',
    });
  });

  it('is not known from an old operation that only happened to show it: no data may be purged too early for that', () => {
    expect(first({ status: 'Unsubscribed' }, 'ChangePlan')).toMatchObject({ effectiveAt: null, retainedUntil: '2026-01-31T12:00:20.000Z' });
    expect(first({ status: 'Suspended' }, 'ChangePlan')).toMatchObject({ effectiveAt: null, graceEndsAt: null });
    expect(first({ planId: 'gold' }, 'Renew')).toMatchObject({ effectiveAt: null });
    expect(first({ quantity: 11 }, 'ChangePlan')).toMatchObject({ effectiveAt: null });
    expect(first({ autoRenew: false }, 'ChangePlan')).toMatchObject({ effectiveAt: null });
  });
});
