import { z } from 'zod';
import { requested, requestOutcome } from './fulfillment.messages';
import {
  access,
  erasedContact,
  instant,
  microsoftsCode,
  person,
  planAndQuantity,
  planOnOffer,
  reason,
  rejectionReason,
  stage,
  status,
  subscriptionState,
  tenantReference,
  uuid,
} from './shapes';
import { defineMessage } from './message';
import { registrationName } from './registrations';

// --- public: what products read -------------------------------------------------------------------------------------------------

const state = z.object(subscriptionState);
const change = z.object({ ...subscriptionState, previous: planAndQuantity });
const requestedChange = change.extend({
  /** We had refused this change, by the catalog or the product's veto, and Microsoft did it all the same. Absent everywhere else. */
  overruled: z.boolean().optional(),
});

/** A customer bought. Nothing is active and nothing is billed yet, unless `status` already says Subscribed. Contract 5.2, rows 1 and 2b. */
export const subscriptionPurchased = defineMessage('landfall.subscription.purchased.v1', state);
/** The customer confirmed the purchase on the landing page. */
export const subscriptionConfirmed = defineMessage('landfall.subscription.confirmed.v1', state);
/** The product's tenant is there. Access follows with `activated`: at once where Microsoft shows Subscribed, else with the activation or the reinstatement. */
export const subscriptionProvisioned = defineMessage(
  'landfall.subscription.provisioned.v1',
  z.object({ ...subscriptionState, tenantReference: tenantReference.nullable() }),
);
/**
 * Microsoft shows Subscribed and the tenant is there: full access from now on. Once in a subscription's life, when access is given for the first time; where
 * that is by a reinstatement, right behind `reinstated`. Contract 5.2, row 2.
 */
export const subscriptionActivated = defineMessage('landfall.subscription.activated.v1', state);
/** The plan is another one. Contract 5.2, row 4. */
export const subscriptionPlanChanged = defineMessage('landfall.subscription.plan-changed.v1', requestedChange);
/** The number of seats is another one. Contract 5.2, row 4. */
export const subscriptionQuantityChanged = defineMessage('landfall.subscription.quantity-changed.v1', requestedChange);
/**
 * The customer asked for a change that we refused, and Microsoft shows that it has failed: nothing is another one than before. `cause` names the operation.
 * Never told before Microsoft says so, since it may do what we refused (rule 8). Contract 4.5.
 */
export const subscriptionChangeRefused = defineMessage(
  'landfall.subscription.change-refused.v1',
  z.object({
    ...subscriptionState,
    refused: z.object({
      /** `ChangePlan` or `ChangeQuantity`. */
      action: z.string(),
      /** The plan that was asked for; null where it was about seats. */
      planId: z.string().nullable(),
      /** The seats that were asked for; null where it was about the plan. */
      quantity: z.int().positive().nullable(),
    }),
    /** In words for the customer's administrator: of the catalog's rules, or the product's own. */
    reason,
  }),
);
/** A new term began. Contract 5.2, row 5. */
export const subscriptionRenewed = defineMessage('landfall.subscription.renewed.v1', state);
/**
 * The customer keeps the data but loses access: Microsoft could not collect payment. Contract 5.2, row 6. `graceEndsAt` is 30 days after `effectiveAt`,
 * or after the earlier end of `effectiveBetween` where that is all we know; an `updated` may move it.
 */
export const subscriptionSuspended = defineMessage(
  'landfall.subscription.suspended.v1',
  z.object({ ...subscriptionState, previous: planAndQuantity, graceEndsAt: instant }),
);
/** Payment was received: access is back where there was a tenant; `access` tells. Contract 5.2, row 7. */
export const subscriptionReinstated = defineMessage('landfall.subscription.reinstated.v1', change);
/** The end, for ever: a customer who comes back buys a new subscription. Contract 5.2, rows 3, 8 and 9. */
export const subscriptionUnsubscribed = defineMessage(
  'landfall.subscription.unsubscribed.v1',
  z.object({ ...subscriptionState, previous: planAndQuantity, retainedUntil: instant }),
);
/** Which request of ours a public event is about. */
const request = { requestId: uuid };
/** How a request ended that did not come true. */
const requestEnd = {
  /** `failed`: not done. `unconfirmed`: Microsoft may have done it, and never showed it: the events that follow tell if it did. */
  outcome: requestOutcome,
  /** For people, not for customers. */
  reason,
  /** Microsoft's own code, where it refused. */
  code: microsoftsCode.optional(),
};
/** What was requested: the target of its action, the other one null. */
const requestedTarget = z.object({ ...requested, action: requested.action.exclude(['Unsubscribe']) });

/**
 * Another plan or number of seats was requested on our side, and Microsoft is asked for it. Nothing is another one yet: `plan-changed` or `quantity-changed`
 * follows when Microsoft has done it, else `change-failed`. Contract 3.8.
 */
export const subscriptionChangeRequested = defineMessage(
  'landfall.subscription.change-requested.v1',
  z.object({ ...subscriptionState, ...request, requested: requestedTarget }),
);
/** A requested plan or number of seats did not come true. Contract 3.8. */
export const subscriptionChangeFailed = defineMessage(
  'landfall.subscription.change-failed.v1',
  z.object({ ...subscriptionState, ...request, requested: requestedTarget, ...requestEnd }),
);
/**
 * Microsoft is asked to cancel the subscription: it was requested, or the purchase was rejected while it was pending, so that nothing is billed. `unsubscribed`
 * follows when Microsoft shows it, else `cancellation-failed`. `reason`: that of a rejection is what the customer is told. Contract 3.9.
 */
export const subscriptionCancellationRequested = defineMessage(
  'landfall.subscription.cancellation-requested.v1',
  z.object({ ...subscriptionState, ...request, reason: rejectionReason }),
);
/**
 * A requested cancellation did not come true: Microsoft refused it (a term of a year or more, after 72 hours), showed no effect of it, or had activated meanwhile
 * what was to be cancelled while it was pending. Contract 3.9.
 */
export const subscriptionCancellationFailed = defineMessage(
  'landfall.subscription.cancellation-failed.v1',
  z.object({ ...subscriptionState, ...request, ...requestEnd }),
);
/**
 * Something else of it differs: term, autoRenew, a trial that became paid, an owner, that its purchase was approved, or that its set-up has failed or is tried again. Or what we learnt later explains the present state: then
 * `effectiveAt` says since when it has been true, and `graceEndsAt` is told where that is a suspension.
 */
export const subscriptionUpdated = defineMessage(
  'landfall.subscription.updated.v1',
  z.object({ ...subscriptionState, graceEndsAt: instant.optional() }),
);

/**
 * What stands before a subscription on a day that is known. `activation`: Microsoft ends a purchase that is not activated for 30 days. `suspension-end`: it ends
 * what stays unpaid for 30 days. `term-end`: the term ends and, without auto-renewal, the subscription with it. `trial-end`: the free month becomes paid.
 */
export const deadline = z.enum(['activation', 'suspension-end', 'term-end', 'trial-end']);
export type Deadline = z.infer<typeof deadline>;

/**
 * A deadline comes near: in seven days, and again in one. Nothing has changed, and nothing is done by us when it is over. It is told once for each of these days and
 * each date, anew where the date moves. Contract 1.5, 5.2 (rows 3 and 8), 5.3.
 */
export const subscriptionDeadlineNear = defineMessage(
  'landfall.subscription.deadline-near.v1',
  z.object({
    ...subscriptionState,
    deadline,
    /** When it is over at Microsoft, as far as we know: the first instant after it. */
    at: instant,
  }),
);

/** The whole state of a subscription for a product that starts from the present. Compare `sequence`: a late copy must not win. */
export const subscriptionSnapshot = defineMessage('landfall.subscription.snapshot.v1', state);

// --- internal: for the other services ------------------------------------------------------------------------------------------

/** Answers each resolved purchase, new or known, so that the landing page can show what is to be done. */
export const purchaseRegistered = defineMessage(
  'landfall.subscription.purchase-registered.v1',
  z.object({
    purchaseId: uuid,
    subscriptionId: uuid,
    publisherId: z.string(),
    offerId: z.string(),
    isPreview: z.boolean(),
    planId: z.string(),
    quantity: z.int().positive().nullable(),
    termUnit: z.string().nullable(),
    status,
    stage,
    access,
    /** As in the public events. */
    hasSetUpFailed: z.boolean().optional(),
    rejectionReason: rejectionReason.optional(),
    beneficiary: person,
    purchaser: person,
    plans: z.array(planOnOffer),
    /** Plans were left out, since there are more than a message holds. */
    arePlansCut: z.boolean().optional(),
    version: z.int(),
  }),
);

/** Set up a tenant for the beneficiary in the company's product. */
export const provisioningRequested = defineMessage(
  'landfall.subscription.provisioning-requested.v1',
  z.object({
    subscriptionId: uuid,
    version: z.int(),
    publisherId: z.string(),
    offerId: z.string(),
    isPreview: z.boolean(),
    planId: z.string(),
    quantity: z.int().positive().nullable(),
    status,
    beneficiary: person,
    purchaser: person,
  }),
);

/** What we decide about an operation. Only ChangePlan and ChangeQuantity can be refused (rule 7). */
export const verdict = z.enum(['accepted', 'refused']);
export type Verdict = z.infer<typeof verdict>;

/** What we decided about an operation, once for each that Microsoft showed. Fulfillment acknowledges it, the gateway may be holding its answer for it. */
export const operationDecided = defineMessage(
  'landfall.subscription.operation-decided.v1',
  z.object({
    subscriptionId: uuid,
    operationId: uuid,
    action: z.string(),
    /** Through which registration Microsoft showed it, as in `operation-verified`. */
    registration: registrationName,
    verdict,
    /** Of a refusal, in words for the customer's administrator; null otherwise. */
    reason: reason.nullable(),
    version: z.int(),
  }),
);

/** How many subscriptions of a person one message may name. */
export const ERASED_SUBSCRIPTIONS_LIMIT = 5_000;

/**
 * The contact data of a person was erased here, and every other service erases what it stores of it: what belongs to the person, and what a message or a call
 * about one of these subscriptions brought. Each answers with a `contact-erased` of its own.
 */
export const subscriptionContactErased = defineMessage(
  'landfall.subscription.contact-erased.v1',
  z.object({ ...erasedContact, subscriptionIds: z.array(uuid).max(ERASED_SUBSCRIPTIONS_LIMIT) }),
  'erasureId',
);
