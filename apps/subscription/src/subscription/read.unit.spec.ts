import type { Draft } from '@landfall/contracts';
import * as given from './subscription.builders';
import { aSnapshot, aSubscription, at, said, stateOf } from './subscription.builders';
import { decide } from '../subscription.domain';

const pending = aSnapshot({ status: 'PendingFulfillmentStart', term: null });

describe('rule 2: reads have an age', () => {
  it('a read older than what was applied last changes nothing', () => {
    expect(said(decide(aSubscription(), given.observed(aSnapshot({ planId: 'gold' }), at(9))))).toEqual([]);
    expect(said(decide(aSubscription(), given.observed(aSnapshot({ planId: 'gold' }), at(11))))).toEqual(['plan-changed']);
  });

  it('each applied read moves the age of what we know, and so does an open operation', () => {
    const read = stateOf(decide(aSubscription(), given.observed(aSnapshot({ autoRenew: false }), at(30))));
    expect(said(decide(read, given.observed(aSnapshot(), at(29))))).toEqual([]);
    const opened = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold', readAt: at(30) })));
    const closed = stateOf(decide(opened, given.settled({ action: 'ChangePlan', readAt: at(29) })));
    expect(closed).toMatchObject({ planId: 'gold', openOperations: [] });
  });

  it('a read that comes while an operation is open is held, and compared when that has ended', () => {
    const open = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const between = decide(open, given.observed(aSnapshot({ planId: 'silver', autoRenew: false }), at(40)));
    expect(said(between)).toEqual([]);
    const end = decide(stateOf(between), given.settled({ action: 'ChangePlan', snapshot: aSnapshot({ planId: 'gold' }), readAt: at(30) }));
    expect(said(end)).toEqual(['plan-changed', 'updated']); // the held read is newer than the settlement's own
    expect(stateOf(end)).toMatchObject({ planId: 'silver', autoRenew: false, held: null });
  });

  it('is held as long as another operation is open', () => {
    const one = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const other = { operationId: '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13', action: 'ChangeQuantity' };
    const two = stateOf(decide({ ...one, openOperations: [...one.openOperations, other] }, given.settled({ action: 'ChangePlan' })));
    expect(two).toMatchObject({ planId: 'gold', openOperations: [other], held: { readAt: at(30) } });
  });

  it('of two reads that are held the newer one stays, in whichever order they come', () => {
    const one = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const other = { operationId: '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13', action: 'ChangeQuantity' };
    const both = { ...one, openOperations: [...one.openOperations, other] };
    const held = stateOf(decide(both, given.observed(aSnapshot({ planId: 'gold' }), at(40))));
    expect(stateOf(decide(held, given.settled({ action: 'ChangePlan', readAt: at(35) })))).toMatchObject({ held: { readAt: at(40) } });
    expect(stateOf(decide(held, given.settled({ action: 'ChangePlan', readAt: at(45) })))).toMatchObject({ held: { readAt: at(45) } });
  });

  it('a change that was applied beside another open operation makes older reads old, too', () => {
    const later = '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13';
    const gold = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const platinum = given.verified({ operationId: later, action: 'ChangePlan', planId: 'platinum', readAt: at(50) });
    const shown = given.settled({ operationId: later, action: 'ChangePlan', snapshot: aSnapshot({ planId: 'platinum' }), readAt: at(60) });
    const open = stateOf(decide(stateOf(decide(gold, platinum)), shown));
    const end = decide(open, given.settled({ action: 'ChangePlan', snapshot: aSnapshot({ planId: 'gold' }), readAt: at(45) }));
    expect(said(end)).toEqual([]);
    expect(stateOf(end)).toMatchObject({ planId: 'platinum', openOperations: [] });
  });

  it('a stale copy cannot lead back to pending', () => {
    expect(said(decide(aSubscription(), given.observed(pending, at(50))))).toEqual([]);
  });
});

describe('a comparison', () => {
  it('finds each difference of the term', () => {
    const term = { termUnit: 'P1M', startDate: '2026-01-01', endDate: '2026-01-31', chargeDuration: null };
    for (const change of [{ termUnit: 'P1Y' }, { startDate: '2025-12-31' }, { endDate: '2026-02-01' }, { chargeDuration: 'P1M' }]) {
      expect(said(decide(aSubscription(), given.observed(aSnapshot({ term: { ...term, ...change } }), at(20))))).toEqual(['updated']);
    }
  });

  it('takes silence about a private offer for no change', () => {
    const bought = aSubscription({ privateOfferId: 'c3a1f1de-1111-4a2b-9c3d-000000000001' });
    expect(said(decide(bought, given.observed(aSnapshot({ privateOfferId: null }), at(20))))).toEqual([]);
  });
});

describe('when something began', () => {
  const monthsAgo = '2025-10-01T00:00:00.000Z';
  const first = (snapshot: Parameters<typeof aSnapshot>[0], action: string) => {
    const message = given.verified({ action, operationStatus: 'Succeeded', requestedAt: monthsAgo, snapshot: aSnapshot(snapshot) });
    return (decide(aSubscription(), message).effects as Draft[])[0]!.data;
  };

  it('is told by the operation that is about it', () => {
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
