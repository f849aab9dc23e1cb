import {
  cancellationFailed,
  cancelSubscription,
  catalogSchema,
  emptyCatalog,
  stage,
  status,
  type Draft,
  type Stage,
  type Status,
} from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import type { Outcome } from '@landfall/messaging';
import * as given from '../testing/subscription.builders';
import { aRead, changeOf, decide, emitted, eventOf, inForce, loaded, subscriptionOf } from '../testing/subscription.builders';
import { accessOf, type SubscriptionChange } from '../subscription/subscription';
import { approvePurchase, rejectPurchase } from './approval.domain';

const by = { actor: 'operator-1', decidedAt: given.at(40) };
const reason = 'We sell this plan in the EU only.';
const approve = (change: SubscriptionChange) => approvePurchase(change, by);
const reject = (change: SubscriptionChange, why = reason) => rejectPurchase(change, by, why);

const pending = (second: number) => aRead(second, { status: 'PendingFulfillmentStart', term: undefined });
const failed = (why = 'Microsoft showed no cancellation within the limit', requestId = rejected().subscription.cancellationRequestId!) =>
  aMessage(cancellationFailed({ subscriptionId: given.subscriptionId, requestId, reason: why, failedAt: given.at(90) }), {
    time: given.at(90),
  });

const onApproval = (planId: string) =>
  catalogSchema.parse({
    publishers: { [given.aSnapshot().publisherId]: { offers: { [given.aSnapshot().offerId]: offerWith(planId) } } },
  });
const offerWith = (planId: string) => ({ displayName: 'Team', plans: { [planId]: { activation: 'on-approval' } } });

beforeEach(() => void (inForce.current = onApproval('silver')));
afterAll(() => void (inForce.current = emptyCatalog));

const registered = () => changeOf(decide(undefined, given.resolved(pending(5))));
const waiting = () => changeOf(decide(registered(), given.confirmed()));
const rejected = () => changeOf(reject(waiting()));
/** Microsoft activated the purchase by itself. */
const billed = (change: SubscriptionChange) => changeOf(decide(change, given.observed(aRead(50), 'reconciliation')));

describe('a confirmed purchase', () => {
  it('waits for an operator where the catalog says on-approval, and asks for nothing', () => {
    const outcome = decide(registered(), given.confirmed());
    expect(emitted(outcome)).toEqual(['confirmed']);
    expect(eventOf(outcome, 'confirmed')).toMatchObject({ stage: 'awaiting-approval', access: 'none' });
  });

  it.each([
    ['the catalog says on-confirm', () => catalogSchema.parse({ publishers: {} })],
    ['the catalog names another plan alone', () => onApproval('gold')],
    ['there is no catalog', () => emptyCatalog],
  ])('is set up at once where %s', (_case, catalog) => {
    inForce.current = catalog();
    const outcome = decide(registered(), given.confirmed());
    expect(emitted(outcome)).toEqual(['confirmed', 'provisioning-requested']);
    expect(subscriptionOf(outcome).stage).toBe('provisioning');
  });

  it('that Microsoft activated by itself waits as well: it is billed, and has no access', () => {
    const outcome = decide(billed(registered()), given.confirmed());
    expect(emitted(outcome)).toEqual(['confirmed']);
    expect(subscriptionOf(outcome)).toMatchObject({ status: 'Subscribed', stage: 'awaiting-approval', access: 'none' });
  });

  it('ends where Microsoft ends it before anybody has approved it, after 30 days (contract 5.2, row 3)', () => {
    const outcome = decide(waiting(), given.observed(aRead(70, { status: 'Unsubscribed', term: undefined }), 'reconciliation'));
    expect(emitted(outcome)).toEqual(['unsubscribed']);
    expect(approve(changeOf(outcome))).toMatchObject({ kind: 'refused', reason: expect.stringContaining('has ended') });
  });

  it('is not activated by a tenant that nobody asked for', () => {
    expect(decide(waiting(), given.tenantReadyFor(2)).kind).toBe('ignored');
  });
});

describe('an approved purchase', () => {
  it('is set up and activated as any other, and tells who approved it', () => {
    const outcome = approve(waiting());
    expect(emitted(outcome)).toEqual(['updated', 'provisioning-requested']);
    expect(eventOf(outcome, 'updated')).toMatchObject({ stage: 'provisioning', cause: { source: 'operator', actor: 'operator-1' } });
    expect(emitted(decide(changeOf(outcome), given.tenantReadyFor(3)))).toEqual(['provisioned', 'fulfillment.activate']);
  });

  it('that Microsoft activated by itself gets its tenant, and no Activate', () => {
    const approved = changeOf(approve(billed(waiting())));
    const outcome = decide(approved, given.tenantReadyFor(4));
    expect(emitted(outcome)).toEqual(['provisioned', 'activated']);
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'done', access: 'full' });
  });
});

describe('a rejected purchase', () => {
  it('tells the reason, and is cancelled at Microsoft', () => {
    const outcome = reject(waiting());
    expect(emitted(outcome)).toEqual(['cancellation-requested', 'fulfillment.cancel-subscription']);
    expect(eventOf(outcome, 'cancellation-requested')).toMatchObject({
      ...{ reason, rejectionReason: reason, stage: 'rejected', access: 'none', cause: { source: 'operator', actor: 'operator-1' } },
    });
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'rejected', rejectionReason: reason });
    expect(changeOf(outcome).newTransitions.at(-1)!.changes).toContainEqual({ field: 'rejectionReason', from: null, to: reason });
  });

  it('is told again when the customer comes again, and not begun anew', () => {
    const outcome = decide(rejected(), given.resolved(pending(60)));
    expect(emitted(outcome)).toEqual(['purchase-registered']);
    expect(eventOf(outcome, 'purchase-registered')).toMatchObject({ stage: 'rejected', rejectionReason: reason });
  });

  it('ends with Unsubscribed, and keeps why', () => {
    const outcome = decide(rejected(), given.observed(aRead(70, { status: 'Unsubscribed', term: undefined }), 'cancellation'));
    expect(emitted(outcome)).toEqual(['unsubscribed']);
    expect(eventOf(outcome, 'unsubscribed')).toMatchObject({ stage: 'rejected', rejectionReason: reason, access: 'ended' });
    expect(decide(changeOf(outcome), failed()).kind).toBe('ignored'); // rule 3
  });

  it('whose cancellation does not come true says so once, and keeps why for an operator (rule 10)', () => {
    const outcome = decide(rejected(), failed());
    expect(emitted(outcome)).toEqual(['cancellation-failed']);
    expect(eventOf(outcome, 'cancellation-failed')).toMatchObject({
      hasSetUpFailed: true,
      reason: expect.stringContaining('within the limit'),
    });
    expect(subscriptionOf(outcome).failureReason).toMatch(/^cancellation failed: /);
    const twice = decide(changeOf(outcome), failed('Microsoft answered 409'));
    expect([emitted(twice), subscriptionOf(twice).failureReason]).toEqual([[], 'cancellation failed: Microsoft answered 409']);
    expect(emitted(decide(changeOf(outcome), given.resolved(pending(95))))).toEqual(['purchase-registered']);
  });

  it('is cancelled again where it is rejected again after that, as another request', () => {
    const requestOf = (outcome: Outcome<SubscriptionChange>) =>
      (outcome.effects as Draft<string, { requestId: string }>[]).find(({ type }) => type === cancelSubscription.type)!.data.requestId;
    const again = reject(changeOf(decide(rejected(), failed())), 'another reason');
    expect(emitted(again)).toEqual(['cancellation-requested', 'fulfillment.cancel-subscription']);
    expect(subscriptionOf(again)).toMatchObject({ failureReason: null, rejectionReason: 'another reason' });
    const [older, newer] = [requestOf(reject(waiting())), requestOf(again)];
    expect(newer).not.toBe(older);
    expect(decide(changeOf(again), failed('the older one', older))).toMatchObject({
      kind: 'ignored',
      reason: expect.stringContaining('another request'),
    });
    expect(emitted(decide(changeOf(again), failed('the newer one', newer)))).toEqual(['cancellation-failed']);
  });

  it('that Microsoft activated all the same can be approved once its cancellation has ended, and not before', () => {
    const active = billed(rejected());
    expect(active.subscription).toMatchObject({ status: 'Subscribed', stage: 'rejected', access: 'none' });
    expect(approve(active)).toMatchObject({ kind: 'refused' });
    const missed = changeOf(decide(active, failed()));
    expect(reject(missed)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('Approve it') });
    const outcome = approve(missed);
    expect(subscriptionOf(outcome)).toMatchObject({ stage: 'provisioning', rejectionReason: null, failureReason: null });
    expect(eventOf(outcome, 'updated')).not.toHaveProperty('rejectionReason');
  });
});

it('bought through a reseller is not rejected, since Microsoft would refuse to cancel it for us (contract 3.9)', () => {
  const resold = loaded({ ...waiting().subscription, allowedCustomerOperations: ['Read'] });
  expect(reject(resold)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/has no Delete.*Ask the reseller/) });
  expect(approve(resold).kind).toBe('changed');
});

describe('every status and stage has its answer', () => {
  const cells = stage.options.flatMap((each) => status.options.map((of) => [each, of] as const));
  const at = (where: Stage, of: Status) =>
    loaded({ stage: where, status: of, access: accessOf(of, where), rejectionReason: where === 'rejected' ? reason : null });
  const isOver = (of: Status) => of === 'Unsubscribed';
  const isUnbilled = (of: Status) => of === 'NotStarted' || of === 'PendingFulfillmentStart';

  it.each(cells)('%s, %s', (where, of) => {
    const approvable = where === 'awaiting-approval' && !isOver(of);
    expect(approve(at(where, of)).kind).toBe(approvable ? 'changed' : 'refused');
    expect(reject(at(where, of)).kind).toBe(approvable && isUnbilled(of) ? 'changed' : 'refused');
  });

  it.each(['provisioning', 'activating', 'done'] as const)('none is rejected while it is being activated: %s', (where) => {
    expect(reject(at(where, 'PendingFulfillmentStart'))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('approved before'),
    });
  });
});
