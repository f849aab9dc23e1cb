import {
  purchaseRegistered,
  subscriptionPlanChanged,
  type DataOf,
  type Message,
  type Person,
  type Stage,
  type Status,
} from '@landfall/contracts';
import type { Landing } from '../landing/landing';
import { open } from '../landing/opening.domain';
import { unchanged, type ProjectionChange, type SubscriptionProjection } from '../projection/projection';
import { linkPurchase, project } from '../projection/projection.domain';
import { confirm } from './confirmation.domain';
import { CONSUMER_TENANT, mayManage } from './person.domain';
import { OPENING_LIMIT_MS, pageOf, SETUP_LIMIT_MS, SLOW_OPENING_MS, SLOW_SETUP_MS } from './purchase-page.domain';
import { markUnresolved } from './unresolved.domain';
import type { Purchase } from './purchase';

const subscriptionId = 'b8d6908b-0058-413a-cd62-000000000001';
const purchaseId = '2f0c6a43-6b6e-4a0b-9c58-000000000001';
const otherPurchaseId = '2f0c6a43-6b6e-4a0b-9c58-000000000002';
const beneficiary: Person = { tenantId: 'tenant-1', objectId: 'object-1' };
const colleague: Person = { tenantId: 'tenant-1', objectId: 'object-2' };
const reseller: Person = { tenantId: 'tenant-2', objectId: 'object-9' };
const stranger: Person = { tenantId: 'tenant-3', objectId: 'object-1' };
const now = Date.parse('2026-03-01T12:00:00Z');
const at = (msAgo: number) => new Date(now - msAgo).toISOString();

const projection: SubscriptionProjection = {
  ...{ subscriptionId, version: 1, publisherId: 'contoso', offerId: 'team', isPreview: false, planId: 'silver', quantity: 5 },
  ...{ termUnit: 'P1M', status: 'PendingFulfillmentStart' },
  ...{
    stage: 'awaiting-customer',
    access: 'none',
    hasSetUpFailed: false,
    rejectionReason: null,
    beneficiary,
    purchaser: beneficiary,
    confirmedAt: null,
    confirmedPurchaseId: null,
  },
};
const change = (more: Partial<SubscriptionProjection> = {}): ProjectionChange => unchanged({ ...projection, ...more });
const purchase: Purchase = { purchaseId, openedAt: at(1000), subscriptionId, plans: [], unresolvedReason: null };
const landing: Landing = { purchaseId, registration: 'default', encryptedToken: 'jwe' };
const confirmation = { purchaseId, person: beneficiary, encryptedContact: 'jwe', answers: {}, confirmedAt: at(0) };
const message = (draft: object) => ({ id: 'm', source: 's', time: at(0), epoch: 0, correlationId: 'c', ...draft }) as Message as never;

describe('who may manage a purchase', () => {
  it.each([
    ['the beneficiary', beneficiary, true],
    ['the beneficiary, spelt otherwise', { tenantId: 'TENANT-1', objectId: 'OBJECT-1' }, true],
    ['a colleague of the beneficiary', colleague, true],
    ['whoever bought it', reseller, true],
    ['a colleague of the purchaser alone', { tenantId: 'tenant-2', objectId: 'object-8' }, false],
    ['somebody with the same object id in another tenant', stranger, false],
  ])('%s: %#', (_who, person, allowed) => {
    expect(mayManage(person, { beneficiary, purchaser: reseller })).toBe(allowed);
  });

  it('no stranger with a personal account, although all of them share a tenant', () => {
    const consumer = (objectId: string) => ({ tenantId: CONSUMER_TENANT, objectId });
    const owners = { beneficiary: consumer('a'), purchaser: consumer('a') };
    expect(mayManage(consumer('a'), owners)).toBe(true);
    expect(mayManage(consumer('b'), owners)).toBe(false);
    expect(mayManage({ tenantId: CONSUMER_TENANT.toUpperCase(), objectId: 'b' }, owners)).toBe(false);
  });

  it('nobody by ids that Microsoft left empty (pitfall 11)', () => {
    const nobody = { tenantId: '', objectId: '' };
    expect(mayManage(nobody, { beneficiary: nobody, purchaser: nobody })).toBe(false);
    expect(mayManage({ tenantId: 'tenant-2', objectId: '' }, { beneficiary, purchaser: { tenantId: 'tenant-2', objectId: '' } })).toBe(
      false,
    );
  });
});

describe('the purchase page', () => {
  const page = (status: Status, stage: Stage, more: Partial<SubscriptionProjection> = {}) =>
    pageOf(purchase, { ...projection, status, stage, ...more }, beneficiary, now);

  it.each<[Status, Stage, Partial<SubscriptionProjection>, object]>([
    ['PendingFulfillmentStart', 'awaiting-customer', {}, { state: 'form' }],
    ['NotStarted', 'awaiting-customer', {}, { state: 'form' }],
    ['Subscribed', 'awaiting-customer', {}, { state: 'form' }],
    ['PendingFulfillmentStart', 'awaiting-customer', { confirmedAt: at(0) }, { state: 'setting-up', step: 'confirmed', delay: 'none' }],
    ['PendingFulfillmentStart', 'awaiting-approval', {}, { state: 'setting-up', step: 'approval' }],
    ['PendingFulfillmentStart', 'provisioning', {}, { state: 'setting-up', step: 'tenant' }],
    ['PendingFulfillmentStart', 'activating', {}, { state: 'setting-up', step: 'activating' }],
    ['PendingFulfillmentStart', 'activating', { confirmedAt: at(SLOW_SETUP_MS + 1) }, { state: 'setting-up', delay: 'slow' }],
    ['PendingFulfillmentStart', 'activating', { confirmedAt: at(SETUP_LIMIT_MS + 1) }, { state: 'setting-up', delay: 'overdue' }],
    ['PendingFulfillmentStart', 'awaiting-approval', { confirmedAt: at(SETUP_LIMIT_MS + 1) }, { state: 'setting-up', delay: 'slow' }],
    ['PendingFulfillmentStart', 'activating', { confirmedAt: at(0), hasSetUpFailed: true }, { state: 'setting-up', delay: 'failed' }],
    ['Subscribed', 'provisioning', { access: 'none' }, { state: 'setting-up', step: 'tenant' }],
    ['Subscribed', 'done', { access: 'full' }, { state: 'active' }],
    ['Suspended', 'done', { access: 'limited' }, { state: 'suspended' }],
    ['Suspended', 'awaiting-customer', {}, { state: 'suspended' }],
    ['Unsubscribed', 'done', { access: 'ended' }, { state: 'cancelled' }],
    ['Unsubscribed', 'awaiting-customer', { access: 'ended' }, { state: 'cancelled' }],
    ['PendingFulfillmentStart', 'rejected', {}, { state: 'rejected', rejection: 'cancelling' }],
    ['NotStarted', 'rejected', {}, { state: 'rejected', rejection: 'cancelling' }],
    ['PendingFulfillmentStart', 'rejected', { hasSetUpFailed: true }, { state: 'rejected', rejection: 'failed' }],
    ['Subscribed', 'rejected', {}, { state: 'rejected', rejection: 'billed' }],
    ['Suspended', 'rejected', {}, { state: 'rejected', rejection: 'billed' }],
    ['Unsubscribed', 'rejected', { access: 'ended' }, { state: 'rejected', rejection: 'cancelled' }],
  ])('shows for %s and %s (%j): %j', (status, stage, more, expected) => {
    expect(page(status, stage, more)).toMatchObject(expected);
  });

  it('waits until the purchase is registered, says so when it takes long, and not without end', () => {
    const unknown = { ...purchase, subscriptionId: null, plans: null };
    expect(pageOf(unknown, undefined, beneficiary, now)).toEqual({ state: 'opening', delay: 'none' });
    expect(pageOf({ ...unknown, openedAt: at(SLOW_OPENING_MS + 1) }, undefined, beneficiary, now)).toEqual({
      state: 'opening',
      delay: 'slow',
    });
    expect(pageOf({ ...unknown, openedAt: at(OPENING_LIMIT_MS + 1) }, undefined, beneficiary, now)).toEqual({
      state: 'unresolved',
      reason: 'not-answered',
    });
  });

  it('shows why a token led nowhere', () => {
    const unresolved = { ...purchase, subscriptionId: null, plans: null, unresolvedReason: 'token-expired' as const };
    expect(pageOf(unresolved, undefined, stranger, now)).toEqual({ state: 'unresolved', reason: 'token-expired' });
  });

  it.each(['PendingFulfillmentStart', 'Subscribed', 'Suspended', 'Unsubscribed'] as const)(
    'shows a stranger nothing of a subscription that is %s',
    (status) => {
      expect(pageOf(purchase, { ...projection, status }, stranger, now)).toEqual({ state: 'forbidden' });
    },
  );
});

describe('opening', () => {
  it('waits where Microsoft has not named an owner yet, and locks nobody out for that; what was bought stays hidden', () => {
    const nobody: Person = { tenantId: '', objectId: '' };
    const unnamed = { ...projection, beneficiary: nobody, purchaser: nobody };
    expect(pageOf(purchase, unnamed, beneficiary, now)).toEqual({ state: 'opening', delay: 'none' });
    expect(pageOf(purchase, { ...projection, beneficiary: nobody, purchaser: reseller }, beneficiary, now)).toMatchObject({
      state: 'opening',
    });
    const late = { ...purchase, openedAt: at(OPENING_LIMIT_MS + 1) };
    expect(pageOf(late, unnamed, beneficiary, now)).toEqual({ state: 'unresolved', reason: 'not-answered' });
    expect(pageOf(purchase, projection, beneficiary, now)).toMatchObject({ state: 'form' });
  });

  it('sends the encrypted token once and forgets it', () => {
    const opening = { landing, openedBy: beneficiary, openedAt: at(0) };
    const opened = open(undefined, opening);
    expect(opened).toMatchObject({
      kind: 'changed',
      state: { purchaseId },
      effects: [{ key: purchaseId, data: { encryptedToken: 'jwe', person: beneficiary } }],
    });
    expect(open({ purchaseId }, opening).kind).toBe('ignored');
  });
});

describe('confirming', () => {
  it('publishes it under the subscription, with the contact encrypted', () => {
    expect(confirm(change(), confirmation)).toMatchObject({
      kind: 'changed',
      state: { projection: { confirmedAt: at(0), confirmedPurchaseId: purchaseId } },
      effects: [{ type: 'landfall.gateway.purchase-confirmed.v1', key: subscriptionId, data: { purchaseId, encryptedContact: 'jwe' } }],
    });
  });

  it.each<[string, Partial<SubscriptionProjection>]>([
    ['it was confirmed', { confirmedAt: at(0) }],
    ['the set-up goes on', { stage: 'provisioning' }],
    ['it is active', { status: 'Subscribed', stage: 'done', access: 'full' }],
    ['it is suspended', { status: 'Suspended' }],
    ['it has ended', { status: 'Unsubscribed' }],
  ])('publishes nothing once %s', (_case, more) => {
    expect(confirm(change(more), confirmation)).toMatchObject({ kind: 'ignored', effects: [] });
  });

  it('is refused to a stranger', () => {
    expect(confirm(change(), { ...confirmation, person: stranger })).toMatchObject({ kind: 'refused', effects: [] });
  });

  it('waits for the registration of the purchase', () => {
    expect(confirm(undefined, confirmation)).toMatchObject({ kind: 'notYet', effects: [] });
  });
});

describe('the projection of a subscription', () => {
  const registered = (data: Partial<DataOf<typeof purchaseRegistered>>) => {
    const { confirmedAt, confirmedPurchaseId, rejectionReason, ...content } = projection;
    expect([confirmedAt, confirmedPurchaseId, rejectionReason]).toEqual([null, null, null]);
    return message(purchaseRegistered({ ...content, purchaseId, plans: [], ...data }));
  };
  const event = (data: object) =>
    message({
      ...subscriptionPlanChanged({ ...projection, term: { termUnit: 'P1Y' }, ...data } as never),
      type: subscriptionPlanChanged.type,
    });

  it('links a purchase to its subscription', () => {
    expect(linkPurchase(undefined, registered({}))).toMatchObject({
      kind: 'changed',
      state: { projection: { version: 1 }, newPurchases: [{ purchaseId }] },
    });
  });

  it('links every purchase that one transaction brings, whatever else it brings', () => {
    const first = linkPurchase(undefined, registered({}));
    if (first.kind !== 'changed') throw new Error('not taken');
    const second = project(first.state, event({ version: 2 }));
    if (second.kind !== 'changed') throw new Error('not taken');
    expect(linkPurchase(second.state, registered({ purchaseId: otherPurchaseId }))).toMatchObject({
      state: { projection: { version: 2 }, newPurchases: [{ purchaseId }, { purchaseId: otherPurchaseId }] },
    });
  });

  it('keeps the newest version, whichever topic brought it first', () => {
    const fromEvent = project(undefined, event({ version: 3, planId: 'gold' }));
    if (fromEvent.kind !== 'changed') throw new Error('not taken');
    expect(fromEvent.state.projection).toMatchObject({ version: 3, planId: 'gold', termUnit: 'P1Y' });
    expect(linkPurchase(fromEvent.state, registered({ version: 2 }))).toMatchObject({
      state: { projection: { version: 3, planId: 'gold' }, newPurchases: [{ purchaseId }] },
    });
    expect(project(fromEvent.state, event({ version: 3 })).kind).toBe('ignored');
    expect(project(fromEvent.state, event({ version: 2 })).kind).toBe('ignored');
  });

  it('never forgets that the customer confirmed', () => {
    expect(project(change({ confirmedAt: at(0), confirmedPurchaseId: purchaseId }), event({ version: 2 }))).toMatchObject({
      state: { projection: { confirmedAt: at(0) } },
    });
  });

  it('lets an unresolved token change nothing of a registered purchase', () => {
    const unresolved = message({ data: { purchaseId, reason: 'token-expired' } });
    expect(markUnresolved(purchase, unresolved).kind).toBe('ignored');
    expect(markUnresolved({ ...purchase, subscriptionId: null, plans: null }, unresolved)).toMatchObject({
      state: { unresolvedReason: 'token-expired' },
    });
    expect(markUnresolved(undefined, unresolved).kind).toBe('ignored');
  });
});
