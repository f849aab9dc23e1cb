import { z } from 'zod';
import { hourMs, milliseconds, type ValuesOf } from './field.kinds';

/** How the fulfillment API behaves where Microsoft's documents and what was seen differ (contract 3 and 9.2). */
export const fulfillmentSettings = {
  /** From Activate's 200 to Subscribed (contract 3.4). */
  activationDelayMs: milliseconds(24 * hourMs),
  /** `fails`: the subscription becomes Unsubscribed instead, and Unsubscribe is sent. */
  activationOutcome: z.enum(['succeeds', 'fails']),
  /** What Activate answers for a subscription that is Subscribed already: unverified, an old document has 400. */
  activateWhenSubscribed: z.literal([200, 400]),
  /** From the publisher's PATCH or DELETE to the start of its operation, while it reads NotStarted: minutes are possible (contract 3.8). */
  operationStartDelayMs: milliseconds(24 * hourMs),
  /** How a cancellation by the publisher of a term of a year or more ends after its first 72 hours (contract 3.9). */
  annualCancellation: z.enum(['fails', 'succeeds']),
  /** A missing, wrong or expired access token (contract 2.2). */
  authFailureStyle: z.enum(['403-string', '401-object']),
  /** Tokens of an application without a service principal, which carry no `oid`: not accepted any more since May 2024 (contract 2.1). */
  tokensWithoutOid: z.enum(['refused', 'accepted']),
  /** Get and PATCH of an operation that does not exist: documented 404, 400 was seen. */
  unknownOperationStatus: z.literal([404, 400]),
  /** An id of a subscription that is no GUID: unverified. */
  malformedIdStatus: z.literal([404, 400]),
  /** The list of plans of an Unsubscribed subscription (contract 3.7, 5.1). */
  unsubscribedPlansStatus: z.literal([403, 404]),
  /** The list of plans of an unknown subscription; 200: an empty body, as the documents said until 2022 (contract 3.7). */
  unknownSubscriptionPlansStatus: z.literal([404, 200]),
  /** The list of operations of an unknown subscription: an empty list was seen where 404 is documented (contract 3.10). */
  unknownSubscriptionOperationsStatus: z.literal([200, 404]),
  /** Whether Activate looks at the plan and quantity in its body, as the documents said until mid-2022 (contract 3.4). */
  activateBody: z.enum(['ignored', 'validated']),
  /** How the publisher's changes of plan and quantity end that Microsoft has accepted by 202 (contract 3.8, 3.10). */
  operationOutcome: z.enum(['succeeds', 'fails', 'conflict']),
  /** PATCH of an operation that the publisher began: 500 was seen (contract 3.10), and records nothing. */
  partnerOperationPatchStatus: z.literal([200, 500]),
  /** `ignored`: PATCH Failure is answered 200 and the change goes on, the defect of 2022 (contract 4.5, 9.2). */
  patchFailure: z.enum(['fails', 'ignored']),
  /** How often one purchase token can be resolved (contract 3.3, 9.2). */
  purchaseTokenUses: z.enum(['many', 'once']),
  /** By how much the clock that mints purchase tokens is ahead of the one that reads them; below zero: behind (contract 9.2). */
  purchaseTokenSkewMs: z
    .int()
    .min(-48 * hourMs)
    .max(48 * hourMs),
};

export const fulfillmentDefaults: ValuesOf<typeof fulfillmentSettings> = {
  activationDelayMs: 500,
  activationOutcome: 'succeeds',
  activateWhenSubscribed: 200,
  operationStartDelayMs: 200,
  annualCancellation: 'fails',
  authFailureStyle: '403-string',
  tokensWithoutOid: 'refused',
  unknownOperationStatus: 404,
  malformedIdStatus: 404,
  unsubscribedPlansStatus: 403,
  unknownSubscriptionPlansStatus: 404,
  unknownSubscriptionOperationsStatus: 200,
  activateBody: 'ignored',
  operationOutcome: 'succeeds',
  partnerOperationPatchStatus: 200,
  patchFailure: 'fails',
  purchaseTokenUses: 'many',
  purchaseTokenSkewMs: 0,
};
