import {
  asCode,
  asReason,
  EMAIL_LENGTH,
  operationStatus,
  status,
  type NamedContact,
  type PlanOnOffer,
  type ShownSnapshot,
} from '@landfall/contracts';
import type { Operation, Person, Plan, Subscription } from '@landfall/marketplace-client';
import { MicrosoftWordUnknown } from './microsoft.errors';
import type { OperationReading } from './microsoft.readings';

/**
 * Microsoft's subscription as this service publishes it: what the answer had, without what is personal (e-mail, name). What it left out is absent,
 * and so is a status that we don't know: whoever reads counts that, and nobody guesses.
 */
export function snapshotOf(subscription: Subscription, privateOfferId?: string): ShownSnapshot {
  const { publisherId, offerId, isPreview, planId, quantity, autoRenew, isFreeTrial, term, allowedCustomerOperations } = subscription;
  return withoutAbsent({
    subscriptionId: subscription.id,
    ...{ publisherId, offerId, isPreview, planId, quantity, autoRenew, isFreeTrial, privateOfferId, term },
    status: status.safeParse(subscription.status).data,
    allowedCustomerOperations: allowedCustomerOperations && [...allowedCustomerOperations],
    purchasedAt: subscription.created,
    beneficiary: identityOf(subscription.beneficiary),
    purchaser: identityOf(subscription.purchaser),
  } satisfies Record<keyof ShownSnapshot, unknown>);
}

/** @throws MicrosoftWordUnknown for a status that we don't know: whether it is open decides what happens to it */
export function operationReadingOf(operation: Operation): OperationReading {
  const known = operationStatus.safeParse(operation.status);
  if (!known.success) throw new MicrosoftWordUnknown('operation status', operation.status ?? '');
  const { subscriptionId, action = '', source = null, planId = null, quantity = null, timeStamp = null } = operation;
  const { errorCode: code = null, errorMessage: message = null } = operation;
  const said = { code: code === null ? null : asCode(code), message: message === null ? null : asReason(message) };
  const failure = code === null && message === null ? {} : { failure: said };
  return { subscriptionId, action, status: known.data, source, planId, quantity, timeStamp, ...failure };
}

/** A term without a price is left out: there is nothing to show of it. */
export function planOnOfferOf(plan: Plan): PlanOnOffer {
  const { planId, displayName, description, isPricePerSeat, minQuantity, maxQuantity, isStopSell } = plan;
  const prices = plan.billingTerms.flatMap(({ termUnit, price, currency }) =>
    price === null ? [] : [{ termUnit, price: String(price), currency }],
  );
  return { planId, displayName, description, isPricePerSeat, minQuantity, maxQuantity, isStopSell, prices };
}

/** A person is a tenant and an object in it (contract 2.4): half of that is nobody. */
const identityOf = (person: Person | undefined) =>
  person?.tenantId && person.objectId ? { tenantId: person.tenantId, objectId: person.objectId } : undefined;

/** Whom an answer names with an address, which has the length of one. Personal: it leaves this service encrypted (`ContactEncryption`), and is in no snapshot. */
export const contactsOf = ({ beneficiary, purchaser }: Subscription): NamedContact[] =>
  Object.entries({ beneficiary, purchaser }).flatMap(([role, named]) => {
    const person = identityOf(named);
    return person && named?.emailId && named.emailId.length <= EMAIL_LENGTH
      ? [{ role: role as NamedContact['role'], person, email: named.emailId }]
      : [];
  });

/** Two snapshots that say the same have the same JSON. */
const withoutAbsent = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, said]) => said !== undefined)) as T;
