import type { Draft } from '@landfall/contracts';
import * as given from '../subscription/subscription.builders';
import { aSnapshot, changeOf, decide, emitted, loaded, at, operationId, subscriptionOf } from '../subscription/subscription.builders';

describe('rule 1: Microsoft is read, not believed', () => {
  it('takes only the plan from a ChangePlan', () => {
    const outcome = decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold', quantity: 99 }));
    expect(emitted(outcome)).toEqual(['plan-changed', 'operation-decided']);
    expect(subscriptionOf(outcome)).toMatchObject({ planId: 'gold', quantity: 10 });
  });

  it('takes only the quantity from a ChangeQuantity', () => {
    const outcome = decide(loaded(), given.verified({ action: 'ChangeQuantity', planId: 'gold', quantity: 25 }));
    expect(emitted(outcome)).toEqual(['quantity-changed', 'operation-decided']);
    expect(subscriptionOf(outcome)).toMatchObject({ planId: 'silver', quantity: 25 });
  });

  it('gives a flat-rate subscription no seats, whatever the operation says', () => {
    const flat = loaded({ quantity: null });
    const outcome = decide(flat, given.verified({ action: 'ChangeQuantity', quantity: 1, snapshot: aSnapshot({ quantity: null }) }));
    expect(emitted(outcome)).toEqual(['operation-decided']);
    expect(subscriptionOf(outcome).quantity).toBeNull();
  });

  it('changes nothing by a target that is there already (Microsoft’s revert)', () => {
    expect(emitted(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'silver' })))).toEqual(['operation-decided']);
  });
});

describe('rule 4: once per operation', () => {
  it('an operation that was applied is not applied again, whoever saw it', () => {
    const after = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    expect(decide(after, given.verified({ action: 'ChangePlan', planId: 'gold', readAt: at(25) })).kind).toBe('ignored');
  });

  it('a settled operation is not applied as a change: what Get Subscription shows counts', () => {
    const failed = given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Failed' });
    expect(emitted(decide(loaded(), failed))).toEqual(['operation-decided']);
  });

  it('renewed is emitted once per term start', () => {
    const term = { termUnit: 'P1M', startDate: '2026-02-01', endDate: '2026-02-28', chargeDuration: null };
    const renewal = given.verified({ action: 'Renew', operationStatus: 'Succeeded', snapshot: aSnapshot({ term }) });
    const first = decide(loaded(), renewal);
    expect(emitted(first)).toEqual(['renewed', 'operation-decided']);
    expect(emitted(decide(changeOf(first), given.observed(aSnapshot({ term }), at(99))))).toEqual([]);
  });
});

describe('rule 6: unknown is imported, then the operation is decided', () => {
  it('imports from the snapshot and applies the change', () => {
    const outcome = decide(undefined, given.verified({ action: 'ChangePlan', planId: 'gold' }));
    expect(emitted(outcome)).toEqual(['purchased', 'plan-changed', 'operation-decided']);
    expect(subscriptionOf(outcome)).toMatchObject({ imported: true, planId: 'gold', sequence: 2 });
  });
});

describe('rule 7: everything but ChangePlan and ChangeQuantity is a fact', () => {
  const suspended = loaded({ status: 'Suspended', access: 'limited' });
  const shown = aSnapshot({ status: 'Suspended' });

  it('Suspend from Suspended changes nothing and is not refused', () => {
    const outcome = decide(suspended, given.verified({ action: 'Suspend', operationStatus: 'Succeeded', snapshot: shown }));
    expect(emitted(outcome)).toEqual(['operation-decided']);
  });

  it('Suspend limits access and tells when grace ends', () => {
    const outcome = decide(loaded(), given.verified({ action: 'Suspend', operationStatus: 'Succeeded', snapshot: shown }));
    expect(emitted(outcome)).toEqual(['suspended', 'operation-decided']);
    expect((outcome.effects as Draft[])[0]!.data).toMatchObject({ access: 'limited', graceEndsAt: '2026-01-31T12:00:18.000Z' });
  });

  it('Reinstate is followed until Microsoft shows Subscribed, then reinstated', () => {
    const begun = decide(suspended, given.verified({ action: 'Reinstate', snapshot: shown }));
    expect(emitted(begun)).toEqual(['operation-decided']);
    expect(subscriptionOf(begun)).toMatchObject({ access: 'limited', openOperations: [{ operationId, action: 'Reinstate' }] });
    const ended = decide(changeOf(begun), given.settled({ action: 'Reinstate' }));
    expect(emitted(ended)).toEqual(['reinstated']);
    expect(subscriptionOf(ended)).toMatchObject({ access: 'full', openOperations: [] });
  });

  it('an action that Microsoft invents tomorrow is accepted and compared', () => {
    expect(emitted(decide(loaded(), given.verified({ action: 'Transfer', operationStatus: 'Succeeded' })))).toEqual(['operation-decided']);
  });
});
