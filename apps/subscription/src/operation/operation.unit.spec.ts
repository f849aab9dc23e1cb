import * as given from '../testing/subscription.builders';
import { aRead, changeOf, decide, emitted, eventOf, loaded, orders, subscriptionOf } from '../testing/subscription.builders';

describe('rule 1: Microsoft is read, not believed', () => {
  it('takes only the plan from a ChangePlan', () => {
    const outcome = decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold', quantity: 99, operationStatus: 'Succeeded' }));
    expect(emitted(outcome)).toEqual(['operation-decided', 'plan-changed']);
    expect(subscriptionOf(outcome)).toMatchObject({ planId: 'gold', quantity: 10 });
  });

  it('gives a flat-rate subscription no seats, whatever the operation says', () => {
    const flat = loaded({ quantity: null });
    const read = aRead(20, { quantity: undefined });
    const outcome = decide(flat, given.verified({ action: 'ChangeQuantity', quantity: 1, operationStatus: 'Succeeded', read }));
    expect(emitted(outcome)).toEqual(['operation-decided']);
    expect(subscriptionOf(outcome).quantity).toBeNull();
  });

  it('changes nothing by a target that is there already (Microsoft’s revert)', () => {
    expect(emitted(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'silver' })))).toEqual(['operation-decided']);
  });
});

describe('rule 2: a fact waits for no operation', () => {
  it('is taken while a change is open', () => {
    const open = changeOf(decide(loaded(), given.verified({ action: 'ChangeQuantity', quantity: 25 })));
    const operationId = '6d2d63f1-63f8-4b2b-8ab1-7f1f4b3f8c13';
    const suspend = given.verified({
      operationId,
      action: 'Suspend',
      operationStatus: 'Succeeded',
      read: aRead(25, { status: 'Suspended' }),
    });
    const outcome = decide(open, suspend);
    expect(emitted(outcome)).toEqual(['operation-decided', 'suspended']);
    expect(subscriptionOf(outcome)).toMatchObject({ access: 'limited' });
  });
});

describe('rule 4: once per operation, and an open one is believed by nobody', () => {
  it('an operation that was decided is not decided again, whoever saw it', () => {
    const toGold = { action: 'ChangePlan', planId: 'gold' };
    const after = changeOf(decide(loaded(), given.verified(toGold)));
    expect(decide(after, given.verified({ ...toGold, read: null })).kind).toBe('ignored');
    expect(emitted(decide(after, given.verified({ ...toGold, read: aRead(21, { quantity: 12 }) })))).toEqual(['quantity-changed']);
  });

  it('the target of an open operation changes nothing', () => {
    const outcome = decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' }));
    expect(emitted(outcome)).toEqual(['operation-decided']);
    expect(subscriptionOf(outcome).planId).toBe('silver');
  });

  it('one that was announced first is decided when Microsoft shows it', () => {
    const announced = changeOf(decide(loaded(), given.announced({ action: 'ChangePlan', planId: 'gold' })));
    expect(emitted(decide(announced, given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded' })))).toEqual([
      'operation-decided',
      'plan-changed',
    ]);
  });

  it('renewed is emitted once per term start', () => {
    const read = aRead(20, { term: { startDate: '2026-02-01', endDate: '2026-02-28' } });
    const first = decide(loaded(), given.verified({ action: 'Renew', operationStatus: 'Succeeded', read }));
    expect(emitted(first)).toEqual(['operation-decided', 'renewed']);
    expect(eventOf(first, 'renewed')).toMatchObject({ effectiveAt: given.at(18) });
    expect(emitted(decide(changeOf(first), given.observed({ ...read, readNo: 1_099 })))).toEqual([]);
  });

  it('a renewal that no copy shows yet is read again', () => {
    const outcome = decide(loaded(), given.verified({ action: 'Renew', operationStatus: 'Succeeded' }));
    expect(orders(outcome).map(({ afterMs }) => afterMs)).toEqual([1_000, 5_000, 15_000, 60_000, given.copyLagMs]);
  });
});

describe('rule 6: unknown is imported, then the operation is decided', () => {
  it('imports from what was read and applies the change', () => {
    const gold = { action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded' } as const;
    const outcome = decide(undefined, given.verified({ ...gold, read: aRead(10) }));
    expect(emitted(outcome)).toEqual(['purchased', 'operation-decided', 'plan-changed']);
    expect(subscriptionOf(outcome)).toMatchObject({ imported: true, planId: 'gold', sequence: 2 });
  });

  it('leaves it to the closing read where what was read may be newer than the change', () => {
    const gold = { action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded' } as const;
    const outcome = decide(undefined, given.verified({ ...gold, read: aRead(20, { planId: 'platinum' }) }));
    expect(emitted(outcome)).toEqual(['purchased', 'operation-decided']);
    expect(orders(outcome)).toMatchObject([{ members: expect.arrayContaining(['plan']) }]);
  });

  it.each([
    ['announced', given.announced({ action: 'Suspend' })],
    ['verified without a read', given.verified({ action: 'Suspend', read: null })],
    ['settled without a read', given.settled({ action: 'Suspend', read: null })],
  ])('orders the read that imports it where one was only %s', (_how, message) => {
    const outcome = decide(undefined, message);
    expect(outcome.kind).toBe('ignored');
    expect(orders(outcome)).toMatchObject([{ order: 1, members: ['status', 'plan'] }]);
  });
});

describe('rule 7: everything but ChangePlan and ChangeQuantity is a fact', () => {
  const suspended = { status: 'Suspended' } as const;
  const record = () => loaded({ status: 'Suspended', access: 'limited' });

  it('Suspend from Suspended changes nothing but its dates, and is not refused', () => {
    const outcome = decide(record(), given.verified({ action: 'Suspend', operationStatus: 'Succeeded', read: aRead(20, suspended) }));
    expect(emitted(outcome)).toEqual(['operation-decided', 'updated']);
  });

  it('Reinstate counts when it has succeeded, whatever a copy shows', () => {
    const begun = decide(record(), given.verified({ action: 'Reinstate', read: aRead(20, suspended) }));
    expect(emitted(begun)).toEqual(['operation-decided']);
    const ended = decide(changeOf(begun), given.settled({ action: 'Reinstate', read: aRead(30, suspended) }));
    expect(emitted(ended)).toEqual(['reinstated']);
    expect(subscriptionOf(ended)).toMatchObject({ access: 'full' });
  });

  it('an action that Microsoft invents tomorrow is accepted, and what it changed is read', () => {
    const outcome = decide(
      loaded(),
      given.verified({ action: 'Transfer', operationStatus: 'Succeeded', read: aRead(20, { autoRenew: false }) }),
    );
    expect(emitted(outcome)).toEqual(['operation-decided', 'updated']);
  });
});
