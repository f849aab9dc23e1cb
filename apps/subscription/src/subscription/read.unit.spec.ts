import { set, type Operation, type SubscriptionChange } from './subscription';
import * as given from './subscription.builders';
import { aSnapshot, at, changeOf, decide, emitted, loaded, subscriptionOf } from './subscription.builders';

const pending = aSnapshot({ status: 'PendingFulfillmentStart', term: null });

describe('rule 2: reads have an age', () => {
  it('a read older than what was applied last changes nothing', () => {
    expect(emitted(decide(loaded(), given.observed(aSnapshot({ planId: 'gold' }), at(9))))).toEqual([]);
    expect(emitted(decide(loaded(), given.observed(aSnapshot({ planId: 'gold' }), at(11))))).toEqual(['plan-changed']);
  });

  it('each applied read moves the age of what we know, and so does an open operation', () => {
    const read = changeOf(decide(loaded(), given.observed(aSnapshot({ autoRenew: false }), at(30))));
    expect(emitted(decide(read, given.observed(aSnapshot(), at(29))))).toEqual([]);
    const opened = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold', readAt: at(30) })));
    const closed = subscriptionOf(decide(opened, given.settled({ action: 'ChangePlan', readAt: at(29) })));
    expect(closed).toMatchObject({ planId: 'gold', openOperations: [] });
  });

  it('a read that comes while an operation is open is deferred, and compared when that has ended', () => {
    const open = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const between = decide(open, given.observed(aSnapshot({ planId: 'silver', autoRenew: false }), at(40)));
    expect(emitted(between)).toEqual([]);
    const end = decide(changeOf(between), given.settled({ action: 'ChangePlan', snapshot: aSnapshot({ planId: 'gold' }), readAt: at(30) }));
    expect(emitted(end)).toEqual(['plan-changed', 'updated']); // the deferred read is newer than the settlement's own
    expect(subscriptionOf(end)).toMatchObject({ planId: 'silver', autoRenew: false, deferredSnapshot: null });
  });

  it('is deferred as long as another operation is open', () => {
    const one = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const other = { operationId: '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13', action: 'ChangeQuantity' };
    const two = subscriptionOf(decide(alsoOpen(one, other), given.settled({ action: 'ChangePlan' })));
    expect(two).toMatchObject({ planId: 'gold', openOperations: [other], deferredSnapshot: { readAt: at(30) } });
  });

  it('of two reads that are deferred the newer one stays, in whichever order they come', () => {
    const one = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const other = { operationId: '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13', action: 'ChangeQuantity' };
    const both = alsoOpen(one, other);
    const deferred = changeOf(decide(both, given.observed(aSnapshot({ planId: 'gold' }), at(40))));
    expect(subscriptionOf(decide(deferred, given.settled({ action: 'ChangePlan', readAt: at(35) })))).toMatchObject({
      deferredSnapshot: { readAt: at(40) },
    });
    expect(subscriptionOf(decide(deferred, given.settled({ action: 'ChangePlan', readAt: at(45) })))).toMatchObject({
      deferredSnapshot: { readAt: at(45) },
    });
  });

  it('a change that was applied beside another open operation makes older reads old, too', () => {
    const later = '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13';
    const gold = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const platinum = given.verified({ operationId: later, action: 'ChangePlan', planId: 'platinum', readAt: at(50) });
    const shown = given.settled({ operationId: later, action: 'ChangePlan', snapshot: aSnapshot({ planId: 'platinum' }), readAt: at(60) });
    const open = changeOf(decide(changeOf(decide(gold, platinum)), shown));
    const end = decide(open, given.settled({ action: 'ChangePlan', snapshot: aSnapshot({ planId: 'gold' }), readAt: at(45) }));
    expect(emitted(end)).toEqual([]);
    expect(subscriptionOf(end)).toMatchObject({ planId: 'platinum', openOperations: [] });
  });

  it('a stale copy cannot lead back to pending', () => {
    expect(emitted(decide(loaded(), given.observed(pending, at(50))))).toEqual([]);
  });
});

const alsoOpen = (change: SubscriptionChange, operation: Operation): SubscriptionChange =>
  set(change, { openOperations: [...change.subscription.openOperations, operation] });
