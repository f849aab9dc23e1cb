import { z } from 'zod';
import { hourMs, milliseconds, type ValuesOf } from './field.kinds';

/** How the fulfillment API behaves where Microsoft's documents and what was seen differ (contract 3 and 9.2). */
export const fulfillmentSettings = {
  /** From Activate's 200 to Subscribed (contract 3.4). */
  activationDelayMs: milliseconds(24 * hourMs),
  /** `fails`: the subscription becomes Unsubscribed instead, and Unsubscribe is sent. */
  activationOutcome: z.enum(['succeeds', 'fails']),
  /** What Activate answers for a subscription that is Subscribed already: unverified, old text says 400. */
  activateWhenSubscribed: z.literal([200, 400]),
  /** From the publisher's PATCH or DELETE to the start of its operation, while it reads NotStarted. */
  operationStartDelayMs: milliseconds(24 * hourMs),
  /** How a cancellation by the publisher of a term of a year or more ends after its first 72 hours (contract 3.9). */
  annualCancellation: z.enum(['fails', 'succeeds']),
  /** A missing, wrong or expired access token (contract 2.2). */
  authFailureStyle: z.enum(['403-string', '401-object']),
  /** Tokens of an application without a service principal, which carry no `oid`: not accepted any more since May 2024 (contract 2.1). */
  tokensWithoutOid: z.enum(['refused', 'accepted']),
  /** Get and PATCH of an operation that does not exist: documented 404, 400 was seen. */
  unknownOperationStatus: z.literal([404, 400]),
  /** Entries on a page of the list; each page draws its own size between them. */
  listPageSizeMin: z.int().min(1).max(1_000),
  listPageSizeMax: z.int().min(1).max(1_000),
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
  listPageSizeMin: 60,
  listPageSizeMax: 100,
};
