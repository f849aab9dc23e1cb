import {
  findPlan,
  purchaseRegistered,
  subscriptionConfirmed,
  type Catalog,
  type DataOf,
  type MessageOf,
  type purchaseConfirmed,
  type purchaseResolved,
} from '@landfall/contracts';
import { ignored, notYet, type Outcome } from '@landfall/messaging';
import type { EncryptedContact } from '../contact/contact';
import { importSubscription, orderImport } from '../subscription/import.domain';
import { applyRead } from '../subscription/read.domain';
import { apply, awaitedIn, emit, outcomeOf, type Subscription, type SubscriptionChange } from '../subscription/subscription';
import { requestTenant, restartFailed } from './set-up.domain';

/** A customer came with a subscription, for the first time or again: registers it once, answers each time, and begins a set-up that failed anew. */
export const registerPurchase =
  (copyLagMs: number) =>
  (current: SubscriptionChange | undefined, { data }: MessageOf<typeof purchaseResolved>): Outcome<SubscriptionChange> => {
    const { read } = data;
    const shown = current
      ? restartFailed(applyRead(current, read, 'landing'), read.date)
      : importSubscription(read, { source: 'landing', copyLagMs, imported: false });
    if (!shown) return ignored('the answer says too little to register the purchase', orderImport(data.subscriptionId));
    return outcomeOf(emit(shown, registered(shown.subscription, data)));
  };

/** The gateway shows it to the customer; there is no subscription that it could change. */
export const ignoreUnresolvedPurchase = (): Outcome<SubscriptionChange> => ignored('the gateway tells the customer');

/**
 * The customer confirmed. It counts once, and only while something is to be confirmed: a second click or tab changes nothing. Where the catalog wants it,
 * an operator approves the purchase before anything is set up; a plan that it does not name needs no approval.
 */
export const confirmPurchase =
  (catalog: () => Catalog) =>
  (
    current: SubscriptionChange | undefined,
    { data }: MessageOf<typeof purchaseConfirmed>,
    newContact: EncryptedContact | null,
  ): Outcome<SubscriptionChange> => {
    if (!current) return notYet('the purchase is not registered yet');
    const { status, stage } = current.subscription;
    if (status === 'Unsubscribed') return ignored('the subscription has ended (rule 3)');
    if (awaitedIn[stage] !== 'confirmation') return ignored('the purchase was confirmed before');
    const cause = { source: 'landing', actor: data.person.objectId, effectiveAt: null, observedAt: data.confirmedAt } as const;
    const needsApproval = findPlan(catalog(), current.subscription)?.plan.activation === 'on-approval';
    const next = { stage: needsApproval ? 'awaiting-approval' : 'provisioning' } as const;
    const confirmed = apply({ ...current, newContacts: newContact ? [newContact] : [] }, next, subscriptionConfirmed, cause);
    return outcomeOf(needsApproval ? confirmed : emit(confirmed, requestTenant(confirmed.subscription)));
  };

function registered(subscription: Subscription, { purchaseId, plans, arePlansCut = false }: DataOf<typeof purchaseResolved>) {
  const { id, publisherId, offerId, isPreview, planId, quantity, term, beneficiary, purchaser } = subscription;
  const { status, stage, access, failureReason, rejectionReason, version } = subscription;
  const bought = { publisherId, offerId, isPreview, planId, quantity, termUnit: term?.termUnit ?? null, beneficiary, purchaser };
  const told = { ...(failureReason !== null && { hasSetUpFailed: true }), ...(rejectionReason !== null && { rejectionReason }) };
  return purchaseRegistered({ purchaseId, subscriptionId: id, ...bought, status, stage, access, ...told, plans, arePlansCut, version });
}
