import { z } from 'zod';
import { encrypted, erasedContact, instant, member, microsoftsCode, planOnOffer, reason, subscriptionRead, uuid } from './shapes';
import { defineMessage } from './message';
import { registrationName } from './registrations';

/** Activate the subscription at Microsoft: billing begins, so it is asked for only when the tenant really works (contract 3.4). */
export const activate = defineMessage(
  'landfall.fulfillment.activate.v1',
  z.object({ subscriptionId: uuid, planId: z.string(), quantity: z.int().positive().nullable(), version: z.int() }),
);

/**
 * Cancel a purchase at Microsoft that is still pending (contract 3.9). What is pending no longer is left as it is. It ends with the observation
 * that shows it Unsubscribed, or with `cancellation-failed`.
 */
export const cancelSubscription = defineMessage(
  'landfall.fulfillment.cancel-subscription.v1',
  z.object({ subscriptionId: uuid, requestId: uuid, version: z.int() }),
);

/** What we may ask of Microsoft, in its words (contract 3.8, 3.9). */
export const requestedAction = z.enum(['ChangePlan', 'ChangeQuantity', 'Unsubscribe']);
export type RequestedAction = z.infer<typeof requestedAction>;

/** A change that was requested on our side: exactly the target of its action is named. */
export const requested = {
  action: requestedAction,
  /** The plan that is asked for; null unless it is a `ChangePlan`. */
  planId: z.string().nullable(),
  /** The seats that are asked for; null unless it is a `ChangeQuantity`. */
  quantity: z.int().positive().nullable(),
};

/**
 * Ask Microsoft for what was requested on our side. Its answer, 202, means received, not done (contract 3.8, 3.9): the request ends with the operation that
 * `operation-announced` names by its `requestId`, or with `change-failed`.
 */
export const changeSubscription = defineMessage(
  'landfall.fulfillment.change-subscription.v1',
  z.object({ subscriptionId: uuid, requestId: uuid, ...requested, version: z.int() }),
);

/**
 * Read the subscription at Microsoft, later: subscription orders reads, fulfillment performs them and decides nothing (rule 2). The read is repeated
 * until it is answered with every one of `members` present, or the limit of fulfillment is over, and ends in one `subscription-observed`.
 */
export const readSubscription = defineMessage(
  'landfall.fulfillment.read-subscription.v1',
  z.object({
    subscriptionId: uuid,
    /** Counts the reads that were ordered for this subscription: 1, 2, 3 … Two orders are never the same job. */
    order: z.int().positive(),
    /** So long after the order was committed, in milliseconds, by the database's clock. */
    afterMs: z.int().nonnegative(),
    /** What the answer has to have. */
    members: z.array(member),
    /** Closing read: the changes that it closes, by member and its number of the change; 0 is the first read. Handed back as they are. */
    closes: z.array(z.object({ member, change: z.int().nonnegative() })),
  }),
);

/** JWE of `NamedContact[]` for subscription, where the answer is one of the first of a subscription, or one of a sweep that reads all of them, and names anybody. */
const encryptedContacts = encrypted.nullable().optional();

/** The purchase token led to a subscription (contract 3.3). */
export const purchaseResolved = defineMessage(
  'landfall.fulfillment.purchase-resolved.v1',
  z.object({
    purchaseId: uuid,
    subscriptionId: uuid,
    read: subscriptionRead,
    plans: z.array(planOnOffer),
    arePlansCut: z.boolean().optional(),
    encryptedContacts,
  }),
);

/** The purchase token led nowhere. The customer opens the subscription at Microsoft again and comes with a new one. */
export const purchaseUnresolved = defineMessage(
  'landfall.fulfillment.purchase-unresolved.v1',
  z.object({ purchaseId: uuid, reason: z.enum(['token-rejected', 'token-expired', 'not-found', 'not-ours', 'not-answered']) }),
  'purchaseId',
);

/** Microsoft's operation status (contract 3.10). The first two are open. */
export const operationStatus = z.enum(['NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict']);
export type OperationStatus = z.infer<typeof operationStatus>;

const operation = {
  subscriptionId: uuid,
  operationId: uuid,
  /** Open: `ChangePlan`, `ChangeQuantity`, `Renew`, `Suspend`, `Reinstate`, `Unsubscribe`, `Subscribe`, or what Microsoft adds. */
  action: z.string(),
  /** `Azure` or `Partner` (our own request); null where Microsoft did not say. */
  source: z.string().nullable(),
  /** The target of `ChangePlan`; null for every other action, and where nobody named it. */
  planId: z.string().nullable(),
  /** The target of `ChangeQuantity`; null for every other action, and where nobody named it. */
  quantity: z.int().positive().nullable(),
  /** When Microsoft began it, by Microsoft's clock: its operations are ordered by it. Null where nobody named it. */
  timeStamp: instant.nullable(),
  /** The target is what the payload's own copy of the subscription has already: Microsoft takes a refused change back (contract 4.5). */
  isRevert: z.boolean(),
};

const shownOperation = {
  ...operation,
  /** Through which registration Microsoft was asked about it. Whoever decides hands it back: what is decided answers a webhook at no other address. */
  registration: registrationName,
  /** Microsoft's clock: the `Date` header of the answer to Get Operation. Null where that was never answered. */
  operationDate: instant.nullable(),
  /** The newest `operationDate` at which it was still open; null where it was never seen open. */
  seenOpenAt: instant.nullable(),
  /** Get Subscription beside it; null where that was not answered. */
  read: subscriptionRead.nullable(),
};

/**
 * A webhook announced an operation that Microsoft does not show (yet), or Microsoft named it when it took a request of ours. It explains and dates what reads
 * show, and changes nothing by itself (rules 2, 5, 9, 13).
 */
export const operationAnnounced = defineMessage(
  'landfall.fulfillment.operation-announced.v1',
  z.object({
    ...operation,
    /** Of which request of ours it is the operation. Absent where it is not known to be one. */
    requestId: uuid.optional(),
  }),
);

/** Why Microsoft says no, in its words and by its own code (contract 3.1.2, 3.10); each null where it does not say. */
export const microsoftsReason = z.object({ code: microsoftsCode.nullable(), message: reason.nullable() });
export type MicrosoftsReason = z.infer<typeof microsoftsReason>;

/** An operation as Get Operation first showed it (rule 1). `failure`: of one that has failed. */
export const operationVerified = defineMessage(
  'landfall.fulfillment.operation-verified.v1',
  z.object({ ...shownOperation, operationStatus, failure: microsoftsReason.optional() }),
);

/**
 * How an operation ended. The first three are Microsoft's words; the others are ours: not shown any more for 15 s, open for longer than ten minutes,
 * never shown at all until the last look (rule 5).
 */
export const settlement = z.enum(['Succeeded', 'Failed', 'Conflict', 'Vanished', 'Stuck', 'Invisible']);
export type Settlement = z.infer<typeof settlement>;

/**
 * The end of an operation, once for each. It is told once more, without a read, behind the read that imports its subscription, where it came before anybody
 * knew the subscription (rule 6).
 */
export const operationSettled = defineMessage(
  'landfall.fulfillment.operation-settled.v1',
  z.object({ ...shownOperation, settled: settlement, failure: microsoftsReason.optional() }),
);

/** A subscription as read from Microsoft outside of an operation's verification and end. */
export const subscriptionObserved = defineMessage(
  'landfall.fulfillment.subscription-observed.v1',
  z.object({
    subscriptionId: uuid,
    read: subscriptionRead,
    /** `request`: after a call for a request whose answer was lost; what it shows of that request's target is booked on it, where rule 2 takes it. */
    occasion: z.enum(['activation', 'cancellation', 'request', 'found', 'webhook', 'order', 'reconciliation', 'usage']),
    /** Which order it performs; null for every other occasion. */
    order: z.int().positive().nullable(),
    /** As in the order; empty otherwise. */
    closes: z.array(z.object({ member, change: z.int().nonnegative() })),
    encryptedContacts,
    /** The sweep that made the read, as `GET /reconciliations/{id}` of fulfillment knows it. */
    reconciliationId: uuid.optional(),
  }),
);

/**
 * Where the record and Microsoft differ, and no read tells the record so. `missing`: three complete sweeps in a row have not listed it, which ends nothing. `guarded`:
 * Microsoft shows it as Unsubscribed, together with so many others that an operator is asked first.
 */
export const difference = z.enum(['missing', 'guarded']);
export type Difference = z.infer<typeof difference>;

/** A sweep found such a difference. It is told once, however many sweeps find it, until `difference-ended`. Its instants are of fulfillment's database. */
export const differenceFound = defineMessage(
  'landfall.fulfillment.difference-found.v1',
  z.object({
    subscriptionId: uuid,
    difference,
    /** The sweep by which it is told. */
    reconciliationId: uuid,
    /** When the first sweep ended that did not list it, or that found it ended. */
    since: instant,
    foundAt: instant,
  }),
);

/** `shown-again`: Microsoft lists it, or shows it as not ended, or what it shows has been handed to the record. `dismissed`: an operator has said that nothing is to follow from it. */
export const differenceEnd = z.enum(['shown-again', 'dismissed']);
export type DifferenceEnd = z.infer<typeof differenceEnd>;

/** A difference that was told is there no more, or nobody is asked about it any more. */
export const differenceEnded = defineMessage(
  'landfall.fulfillment.difference-ended.v1',
  z.object({ subscriptionId: uuid, difference, end: differenceEnd, endedAt: instant }),
);

/** Microsoft refused the activation, or it did not take effect within the named limit (rule 10). An operator sees it. */
export const activationFailed = defineMessage(
  'landfall.fulfillment.activation-failed.v1',
  z.object({ subscriptionId: uuid, reason, failedAt: instant }),
);

/** A cancellation did not come true, and nothing asks for it any more until it is requested again (rule 10). An operator sees it. */
export const cancellationFailed = defineMessage(
  'landfall.fulfillment.cancellation-failed.v1',
  z.object({ subscriptionId: uuid, requestId: uuid, reason, failedAt: instant }),
);

/** `failed`: surely not done. `unconfirmed`: Microsoft may have done it; it was never shown, and never seen to work (rule 10). */
export const requestOutcome = z.enum(['failed', 'unconfirmed']);
export type RequestOutcome = z.infer<typeof requestOutcome>;

/** Microsoft refused what was requested, or nobody saw within the named limit what became of it (rule 10). Nothing asks for it any more. */
export const changeFailed = defineMessage(
  'landfall.fulfillment.change-failed.v1',
  z.object({
    subscriptionId: uuid,
    requestId: uuid,
    outcome: requestOutcome,
    /** In words for people. */
    reason,
    /** Microsoft's own code; null where it gave none. */
    code: microsoftsCode.nullable(),
    failedAt: instant,
  }),
);

/** This service has erased what it stored of a person's contact data. */
export const fulfillmentContactErased = defineMessage('landfall.fulfillment.contact-erased.v1', z.object(erasedContact), 'erasureId');
