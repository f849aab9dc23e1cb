import { tenantProvisioningFailed, type Draft } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import * as given from './subscription.builders';
import { aSnapshot, aSubscription, at, operationId, said, stateOf } from './subscription.builders';
import { decideConfirmation } from '../purchase/purchase.domain';
import { decide, decideProvisioning } from '../subscription.domain';

const pending = aSnapshot({ status: 'PendingFulfillmentStart', term: null });

describe('a purchase', () => {
  const registered = () => stateOf(decide(undefined, given.resolved(pending, at(5))));
  const confirmed = () => stateOf(decideConfirmation(registered(), given.confirmed(), null));
  const provisioned = () => stateOf(decideProvisioning(confirmed(), given.tenantReadyFor(2)));

  it('is registered and answered', () => {
    const outcome = decide(undefined, given.resolved(pending, at(5)));
    expect(said(outcome)).toEqual(['purchased', 'purchase-registered']);
    expect(stateOf(outcome)).toMatchObject({ stage: 'awaiting-customer', access: 'none', imported: false, sequence: 1 });
  });

  it('is answered again, but not purchased again, when the customer comes back', () => {
    expect(said(decide(registered(), given.resolved(pending, at(8))))).toEqual(['purchase-registered']);
  });

  it('waits for its registration, since two topics may be read in any order', () => {
    expect(decideConfirmation(undefined, given.confirmed(), null).kind).toBe('notYet');
    expect(decideProvisioning(undefined, given.tenantReadyFor(2)).kind).toBe('notYet');
  });

  it('asks for a tenant when it is confirmed, once', () => {
    expect(said(decideConfirmation(registered(), given.confirmed(), null))).toEqual(['confirmed', 'provisioning-requested']);
    expect(decideConfirmation(confirmed(), given.confirmed(), null).kind).toBe('ignored');
  });

  it('is activated only after the tenant is there', () => {
    const outcome = decideProvisioning(confirmed(), given.tenantReadyFor(2));
    expect(said(outcome)).toEqual(['provisioned', 'fulfillment.activate']);
    expect(stateOf(outcome)).toMatchObject({ stage: 'activating', access: 'none' });
    expect(decideProvisioning(provisioned(), given.tenantReadyFor(2)).kind).toBe('ignored');
  });

  it('gives access when Microsoft shows Subscribed, and says so once', () => {
    const outcome = decide(provisioned(), given.observed(aSnapshot(), at(70), 'activation'));
    expect(said(outcome)).toEqual(['activated']);
    expect(stateOf(outcome)).toMatchObject({ stage: 'done', access: 'full', status: 'Subscribed' });
    expect(said(decide(stateOf(outcome), given.observed(aSnapshot(), at(80), 'activation')))).toEqual([]);
  });

  it('that Microsoft activated by itself goes the same way without Activate', () => {
    const imported = stateOf(decide(undefined, given.verified({ action: 'Subscribe', operationStatus: 'Succeeded' })));
    expect(imported).toMatchObject({ status: 'Subscribed', stage: 'awaiting-customer', access: 'none', imported: true });
    const waiting = stateOf(decideConfirmation(imported, given.confirmed(), null));
    const outcome = decideProvisioning(waiting, given.tenantReadyFor(2));
    expect(said(outcome)).toEqual(['provisioned', 'activated']);
    expect(stateOf(outcome)).toMatchObject({ stage: 'done', access: 'full' });
  });

  it('that Microsoft shows as Subscribed before anybody confirmed is an update: no tenant, no access', () => {
    const outcome = decide(registered(), given.observed(aSnapshot(), at(6), 'reconciliation'));
    expect(said(outcome)).toEqual(['updated']);
    expect(stateOf(outcome)).toMatchObject({ status: 'Subscribed', stage: 'awaiting-customer', access: 'none' });
  });

  it('that was suspended while it was being activated is finished, limited', () => {
    const outcome = decide(provisioned(), given.observed(aSnapshot({ status: 'Suspended' }), at(70), 'activation'));
    expect(said(outcome)).toEqual(['suspended', 'updated']); // the term that began with the activation
    expect(stateOf(outcome)).toMatchObject({ stage: 'done', access: 'limited' });
  });

  it('that was suspended while it was being activated needs no operator any more', () => {
    const stuck = { ...provisioned(), stuckBecause: 'activation failed: Microsoft answered 400' };
    const outcome = decide(stuck, given.observed(aSnapshot({ status: 'Suspended' }), at(70), 'activation'));
    expect(stateOf(outcome)).toMatchObject({ stage: 'done', stuckBecause: null });
  });

  it('that was suspended meanwhile is finished, locked (rule 11)', () => {
    const suspended = { ...confirmed(), status: 'Suspended' as const };
    expect(stateOf(decideProvisioning(suspended, given.tenantReadyFor(2)))).toMatchObject({ stage: 'done', access: 'limited' });
  });

  it('that stands still keeps the reason for an operator (rule 10)', () => {
    const stuck = decideProvisioning(
      confirmed(),
      aMessage(tenantProvisioningFailed({ subscriptionId: given.subscriptionId, version: 2, reason: 'no region has room' })),
    );
    expect(stateOf(stuck)).toMatchObject({ stage: 'provisioning', stuckBecause: 'provisioning failed: no region has room' });
  });
});

describe('rule 1: Microsoft is read, not believed', () => {
  it('takes only the plan from a ChangePlan', () => {
    const outcome = decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold', quantity: 99 }));
    expect(said(outcome)).toEqual(['plan-changed', 'operation-decided']);
    expect(stateOf(outcome)).toMatchObject({ planId: 'gold', quantity: 10 });
  });

  it('takes only the quantity from a ChangeQuantity', () => {
    const outcome = decide(aSubscription(), given.verified({ action: 'ChangeQuantity', planId: 'gold', quantity: 25 }));
    expect(said(outcome)).toEqual(['quantity-changed', 'operation-decided']);
    expect(stateOf(outcome)).toMatchObject({ planId: 'silver', quantity: 25 });
  });

  it('gives a flat-rate subscription no seats, whatever the operation says', () => {
    const flat = aSubscription({ quantity: null });
    const outcome = decide(flat, given.verified({ action: 'ChangeQuantity', quantity: 1, snapshot: aSnapshot({ quantity: null }) }));
    expect(said(outcome)).toEqual(['operation-decided']);
    expect(stateOf(outcome).quantity).toBeNull();
  });

  it('changes nothing by a target that is there already (Microsoft’s revert)', () => {
    expect(said(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'silver' })))).toEqual(['operation-decided']);
  });
});

describe('rule 3: Unsubscribed absorbs', () => {
  const ended = aSubscription({ status: 'Unsubscribed', access: 'ended' });

  it('comes through while an operation is open, and supersedes it', () => {
    const open = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const outcome = decide(open, given.observed(aSnapshot({ status: 'Unsubscribed' }), at(40)));
    expect(said(outcome)).toEqual(['unsubscribed']);
    expect(stateOf(outcome)).toMatchObject({ status: 'Unsubscribed', access: 'ended', openOperations: [] });
  });

  it('nothing revives it', () => {
    expect(decideConfirmation({ ...ended, stage: 'awaiting-customer' }, given.confirmed(), null).kind).toBe('ignored');
    expect(decideProvisioning({ ...ended, stage: 'provisioning' }, given.tenantReadyFor(2)).kind).toBe('ignored');
    expect(said(decide(ended, given.observed(aSnapshot(), at(90))))).toEqual([]);
    expect(said(decide(ended, given.settled({ action: 'ChangePlan', readAt: at(90) })))).toEqual([]);
    const late = decide(ended, given.verified({ action: 'ChangePlan', planId: 'gold', readAt: at(90) }));
    expect(said(late)).toEqual(['operation-decided']);
    expect(stateOf(late)).toMatchObject({ status: 'Unsubscribed', planId: 'silver', openOperations: [] });
  });
});

describe('rule 4: once per operation', () => {
  it('an operation that was applied is not applied again, whoever saw it', () => {
    const after = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    expect(decide(after, given.verified({ action: 'ChangePlan', planId: 'gold', readAt: at(25) })).kind).toBe('ignored');
  });

  it('a settled operation is not applied as a change: what Get Subscription shows counts', () => {
    const failed = given.verified({ action: 'ChangePlan', planId: 'gold', operationStatus: 'Failed' });
    expect(said(decide(aSubscription(), failed))).toEqual(['operation-decided']);
  });

  it('renewed is said once per term start', () => {
    const term = { termUnit: 'P1M', startDate: '2026-02-01', endDate: '2026-02-28', chargeDuration: null };
    const renewal = given.verified({ action: 'Renew', operationStatus: 'Succeeded', snapshot: aSnapshot({ term }) });
    const first = decide(aSubscription(), renewal);
    expect(said(first)).toEqual(['renewed', 'operation-decided']);
    expect(said(decide(stateOf(first), given.observed(aSnapshot({ term }), at(99))))).toEqual([]);
  });
});

describe('rule 6: unknown is imported, then the operation is judged', () => {
  it('imports from the snapshot and applies the change', () => {
    const outcome = decide(undefined, given.verified({ action: 'ChangePlan', planId: 'gold' }));
    expect(said(outcome)).toEqual(['purchased', 'plan-changed', 'operation-decided']);
    expect(stateOf(outcome)).toMatchObject({ imported: true, planId: 'gold', sequence: 2 });
  });
});

describe('rule 7: everything but ChangePlan and ChangeQuantity is a fact', () => {
  const suspended = aSubscription({ status: 'Suspended', access: 'limited' });
  const shown = aSnapshot({ status: 'Suspended' });

  it('Suspend from Suspended changes nothing and is not refused', () => {
    const outcome = decide(suspended, given.verified({ action: 'Suspend', operationStatus: 'Succeeded', snapshot: shown }));
    expect(said(outcome)).toEqual(['operation-decided']);
  });

  it('Suspend limits access and tells when grace ends', () => {
    const outcome = decide(aSubscription(), given.verified({ action: 'Suspend', operationStatus: 'Succeeded', snapshot: shown }));
    expect(said(outcome)).toEqual(['suspended', 'operation-decided']);
    expect((outcome.effects as Draft[])[0]!.data).toMatchObject({ access: 'limited', graceEndsAt: '2026-01-31T12:00:18.000Z' });
  });

  it('Reinstate is followed until Microsoft shows Subscribed, then reinstated', () => {
    const begun = decide(suspended, given.verified({ action: 'Reinstate', snapshot: shown }));
    expect(said(begun)).toEqual(['operation-decided']);
    expect(stateOf(begun)).toMatchObject({ access: 'limited', openOperations: [{ operationId, action: 'Reinstate' }] });
    const ended = decide(stateOf(begun), given.settled({ action: 'Reinstate' }));
    expect(said(ended)).toEqual(['reinstated']);
    expect(stateOf(ended)).toMatchObject({ access: 'full', openOperations: [] });
  });

  it('an action that Microsoft invents tomorrow is accepted and compared', () => {
    expect(said(decide(aSubscription(), given.verified({ action: 'Transfer', operationStatus: 'Succeeded' })))).toEqual([
      'operation-decided',
    ]);
  });
});

describe('how Microsoft ends an operation', () => {
  it('a change that failed after all is reverted, with the cause reversal', () => {
    const open = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const outcome = decide(open, given.settled({ action: 'ChangePlan', settled: 'Failed', operationStatus: 'Failed' }));
    expect(said(outcome)).toEqual(['plan-changed']);
    expect((outcome.effects as Draft[])[0]!.data).toMatchObject({ current: { planId: 'silver' }, cause: { source: 'reversal' } });
  });

  it('a change that succeeded is said once', () => {
    const open = stateOf(decide(aSubscription(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    expect(said(decide(open, given.settled({ action: 'ChangePlan', snapshot: aSnapshot({ planId: 'gold' }) })))).toEqual([]);
  });
});

it('the public sequence has no gaps, and each event has its snapshot beside it', () => {
  const outcome = decide(undefined, given.verified({ action: 'ChangePlan', planId: 'gold' }));
  const numbered = (outcome.effects as Draft[]).filter(({ sequence }) => sequence !== undefined);
  expect(numbered.map(({ sequence }) => sequence)).toEqual([1, 1, 2, 2]);
});
