import { randomUUID } from 'node:crypto';
import { activationFailed, tenantProvisioningFailed, type Status } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import { set } from '../subscription/subscription';
import * as given from '../testing/subscription.builders';
import { aRead, changeOf, decide, emitted, subscriptionOf } from '../testing/subscription.builders';

const pending = (second: number, status: Status = 'PendingFulfillmentStart') => aRead(second, { status, term: undefined });

const notActivated = (reason: string) =>
  aMessage(activationFailed({ subscriptionId: given.subscriptionId, reason, failedAt: given.at(60) }));

describe('a purchase', () => {
  const registered = () => changeOf(decide(undefined, given.resolved(pending(5))));
  const confirmed = () => changeOf(decide(registered(), given.confirmed()));
  const provisioned = () => changeOf(decide(confirmed(), given.tenantReadyFor(2)));

  it('is registered and answered', () => {
    const outcome = decide(undefined, given.resolved(pending(5)));
    expect(emitted(outcome)).toEqual(['purchased', 'purchase-registered']);
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'awaiting-customer', access: 'none', imported: false, sequence: 1 });
  });

  it('is answered again, but not purchased again, when the customer comes back (pitfall 14)', () => {
    expect(emitted(decide(registered(), given.resolved(pending(8))))).toEqual(['purchase-registered']);
  });

  it('waits for its registration, since two topics may be read in any order', () => {
    expect(decide(undefined, given.confirmed()).kind).toBe('notYet');
    expect(decide(undefined, given.tenantReadyFor(2)).kind).toBe('notYet');
  });

  it('asks for a tenant when it is confirmed, once', () => {
    expect(emitted(decide(registered(), given.confirmed()))).toEqual(['confirmed', 'provisioning-requested']);
    expect(decide(confirmed(), given.confirmed()).kind).toBe('ignored');
  });

  it('is activated only after the tenant is there', () => {
    const outcome = decide(confirmed(), given.tenantReadyFor(2));
    expect(emitted(outcome)).toEqual(['provisioned', 'fulfillment.activate']);
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'activating', access: 'none' });
    expect(decide(provisioned(), given.tenantReadyFor(2)).kind).toBe('ignored');
  });

  it('gives access when Microsoft shows Subscribed, and emits that once', () => {
    const outcome = decide(provisioned(), given.observed(aRead(70), 'activation'));
    expect(emitted(outcome)).toEqual(['activated']);
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'done', access: 'full', status: 'Subscribed' });
    expect(emitted(decide(changeOf(outcome), given.observed(aRead(80), 'activation')))).toEqual([]);
  });

  it('can be suspended the moment after it was activated: an old copy leads back to pending at most, so its status is not shut', () => {
    const activated = decide(provisioned(), given.observed(aRead(70), 'activation'));
    expect(given.orders(activated).flatMap(({ closes }) => closes.map(({ member }) => member))).toEqual(['term']);
    const suspend = { action: 'Suspend', timeStamp: given.at(71), operationDate: given.at(72), operationStatus: 'Succeeded' } as const;
    const outcome = decide(changeOf(activated), given.verified({ ...suspend, read: aRead(72, { status: 'Suspended' }) }));
    expect(emitted(outcome)).toEqual(['operation-decided', 'suspended']);
    expect(emitted(decide(changeOf(activated), given.verified({ ...suspend, read: null })))).toEqual(['operation-decided', 'suspended']);
  });

  it.each([
    ['the observation of its activation', () => given.observed(pending(70, 'Unsubscribed'), 'activation')],
    [
      'a webhook',
      () =>
        given.verified({ action: 'Unsubscribe', operationStatus: 'Succeeded', timeStamp: given.at(68), read: pending(70, 'Unsubscribed') }),
    ],
  ])('whose activation fails at Microsoft after it was received ends, by %s (contract 5.2, row 3)', (_how, ending) => {
    const outcome = decide(provisioned(), ending());
    expect(emitted(outcome).filter((type) => type !== 'operation-decided')).toEqual(['unsubscribed']);
    expect(subscriptionOf(outcome)).toMatchObject({ status: 'Unsubscribed', access: 'ended', failureReason: null });
    expect(decide(changeOf(outcome), notActivated('too late')).kind).toBe('ignored');
  });

  it('keeps the term that began with its activation, and that was renewed a moment before, against an older copy (rule 2)', () => {
    const renewed = aRead(70, { term: { termUnit: 'P1M', startDate: '2026-10-04', endDate: '2026-11-03' } });
    const activated = decide(registered(), given.observed(renewed, 'webhook'));
    const older = decide(changeOf(activated), given.observed(aRead(71), 'webhook'));
    expect([emitted(activated), emitted(older)]).toEqual([['updated'], []]);
    expect(subscriptionOf(older).term).toMatchObject({ startDate: '2026-10-04' });
  });

  it('that Microsoft activated by itself goes the same way without Activate', () => {
    const imported = changeOf(decide(undefined, given.verified({ action: 'Subscribe', operationStatus: 'Succeeded', read: aRead(5) })));
    expect(imported.subscription).toMatchObject({ status: 'Subscribed', stage: 'awaiting-customer', access: 'none', imported: true });
    const waiting = changeOf(decide(imported, given.confirmed()));
    const outcome = decide(waiting, given.tenantReadyFor(2));
    expect(emitted(outcome)).toEqual(['provisioned', 'activated']);
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'done', access: 'full' });
  });

  it('that Microsoft shows as Subscribed before anybody confirmed is an update: no tenant, no access', () => {
    const outcome = decide(registered(), given.observed(aRead(6), 'reconciliation'));
    expect(emitted(outcome)).toEqual(['updated']);
    expect(subscriptionOf(outcome)).toMatchObject({ status: 'Subscribed', stage: 'awaiting-customer', access: 'none' });
  });

  it('that was suspended while it was being activated is finished, limited', () => {
    const outcome = decide(provisioned(), given.observed(aRead(70, { status: 'Suspended' }), 'activation'));
    expect(emitted(outcome)).toEqual(['suspended', 'updated']); // the term that began with the activation
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'done', access: 'limited' });
  });

  it('that was suspended while it was being activated needs no operator any more', () => {
    const failed = set(provisioned(), { failureReason: 'activation failed: Microsoft answered 400' });
    const outcome = decide(failed, given.observed(aRead(70, { status: 'Suspended' }), 'activation'));
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'done', failureReason: null });
  });

  it('that was suspended meanwhile is finished, locked (rule 11)', () => {
    const suspended = set(confirmed(), { status: 'Suspended' });
    expect(subscriptionOf(decide(suspended, given.tenantReadyFor(2)))).toMatchObject({ stage: 'done', access: 'limited' });
  });

  describe('that never had access while it was active is activated with the reinstatement, once (rule 11)', () => {
    const suspended = () => given.observed(aRead(40, { status: 'Suspended' }));
    const operation = (action: string, second: number, status: Status) =>
      given.settled({
        ...{
          action,
          operationId: randomUUID(),
          timeStamp: given.at(second),
          seenOpenAt: given.at(second),
          operationDate: given.at(second + 1),
        },
        read: aRead(second + 1, { status }),
      });

    it.each([
      ['its tenant came while it was suspended', () => decide(changeOf(decide(confirmed(), suspended())), given.tenantReadyFor(2))],
      ['it was suspended before its activation showed', () => decide(provisioned(), suspended())],
    ])('%s', (_case, locked) => {
      expect(subscriptionOf(locked())).toMatchObject({ stage: 'done', access: 'limited' });
      const first = decide(changeOf(locked()), operation('Reinstate', 50, 'Subscribed'));
      expect(emitted(first)).toEqual(['reinstated', 'activated']);
      expect(given.eventOf(first, 'activated')).toMatchObject({ status: 'Subscribed', access: 'full', effectiveAt: null });
      const again = decide(changeOf(first), operation('Suspend', 60, 'Suspended'));
      expect(emitted(again)).toEqual(['suspended']);
      expect(emitted(decide(changeOf(again), operation('Reinstate', 70, 'Subscribed')))).toEqual(['reinstated']);
    });

    it('but not before it has a tenant', () => {
      const locked = changeOf(decide(confirmed(), suspended()));
      const reinstated = decide(locked, operation('Reinstate', 50, 'Subscribed'));
      expect(emitted(reinstated)).toEqual(['reinstated']);
      expect(emitted(decide(changeOf(reinstated), given.tenantReadyFor(2)))).toEqual(['provisioned', 'activated']);
    });
  });

  it('that has failed keeps the reason for an operator (rule 10)', () => {
    const failed = decide(
      confirmed(),
      aMessage(tenantProvisioningFailed({ subscriptionId: given.subscriptionId, version: 2, reason: 'no region has room' })),
    );
    expect(subscriptionOf(failed)).toMatchObject({ stage: 'provisioning', failureReason: 'provisioning failed: no region has room' });
  });

  const noTenant = () => aMessage(tenantProvisioningFailed({ subscriptionId: given.subscriptionId, version: 2, reason: 'no room' }));

  it.each([
    ['activation', provisioned, () => notActivated('Microsoft answered 400'), 'fulfillment.activate'],
    ['tenant', confirmed, noTenant, 'provisioning-requested'],
  ])('whose %s has failed says so to the page, and is tried again when the customer comes again', (_what, before, failure, request) => {
    const failed = decide(before(), failure());
    expect(emitted(failed)).toEqual(['updated']);
    expect(given.eventOf(failed, 'updated')).toMatchObject({ hasSetUpFailed: true, access: 'none' });
    expect(JSON.stringify(failed.effects)).not.toMatch(/answered 400|no room/);

    const again = decide(changeOf(failed), given.resolved(pending(80)));
    expect(emitted(again)).toEqual(['updated', request, 'purchase-registered']);
    expect(subscriptionOf(again)).toMatchObject({ stage: subscriptionOf(failed).stage, failureReason: null });
    for (const name of ['updated', 'purchase-registered']) expect(given.eventOf(again, name)).not.toHaveProperty('hasSetUpFailed');
    expect(emitted(decide(changeOf(again), given.resolved(pending(90))))).toEqual(['purchase-registered']);
  });

  it('that fails again after a retry keeps the newer reason, and says nothing new', () => {
    const failed = changeOf(decide(provisioned(), notActivated('Microsoft answered 400')));
    const twice = decide(failed, notActivated('Microsoft answered 404'));
    expect(emitted(twice)).toEqual([]);
    expect(subscriptionOf(twice).failureReason).toContain('404');
  });
});
