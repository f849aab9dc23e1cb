import { operationStatus, status, type PlanOnOffer, type Snapshot } from '@landfall/contracts';
import type { Operation, Person, Plan, Subscription } from '@landfall/marketplace-client';
import { MicrosoftWordUnknown } from './microsoft.errors';
import type { OperationReading } from './microsoft.readings';

/**
 * Microsoft's subscription as this service publishes it: without what is personal (e-mail, name). @throws MicrosoftWordUnknown for a status
 * that we don't know, and where no plan is named
 */
export function snapshotOf(subscription: Subscription, privateOfferId: string | null = null): Snapshot {
  const known = status.safeParse(subscription.status);
  if (!known.success) throw new MicrosoftWordUnknown('subscription status', subscription.status);
  const { publisherId, offerId, isPreview, planId, quantity, autoRenew, isFreeTrial } = subscription;
  // '' means that it was left out, never that it changed to nothing
  if (!planId && known.data !== 'Unsubscribed') throw new MicrosoftWordUnknown('plan', planId);
  return {
    subscriptionId: subscription.id,
    ...{ publisherId, offerId, isPreview, planId, quantity, autoRenew, isFreeTrial, privateOfferId },
    status: known.data,
    term: subscription.term && { ...subscription.term },
    allowedCustomerOperations: [...subscription.allowedCustomerOperations],
    purchasedAt: subscription.created,
    beneficiary: identityOf(subscription.beneficiary),
    purchaser: identityOf(subscription.purchaser),
  };
}

/** @throws MicrosoftWordUnknown for a status that we don't know: whether it is open decides what happens to it */
export function operationReadingOf(operation: Operation): OperationReading {
  const known = operationStatus.safeParse(operation.status);
  if (!known.success) throw new MicrosoftWordUnknown('operation status', operation.status);
  const { subscriptionId, action, source, planId, quantity, timeStamp } = operation;
  return { subscriptionId, action, status: known.data, source, planId, quantity, requestedAt: timeStamp };
}

/** A term without a price is left out: there is nothing to show of it. */
export function planOnOfferOf(plan: Plan): PlanOnOffer {
  const { planId, displayName, description, isPricePerSeat, minQuantity, maxQuantity, isStopSell } = plan;
  const prices = plan.billingTerms.flatMap(({ termUnit, price, currency }) =>
    price === null ? [] : [{ termUnit, price: String(price), currency }],
  );
  return { planId, displayName, description, isPricePerSeat, minQuantity, maxQuantity, isStopSell, prices };
}

const identityOf = ({ tenantId, objectId }: Person) => ({ tenantId, objectId });
