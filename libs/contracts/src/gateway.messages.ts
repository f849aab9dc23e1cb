import { z } from 'zod';
import { encrypted, erasedContact, instant, person, uuid } from './shapes';
import { defineMessage } from './message';
import { registrationName } from './registrations';

/** The longest purchase token that is taken, in characters. Microsoft's have hundreds (contract 3.3). */
export const PURCHASE_TOKEN_LIMIT = 8_192;

/** A customer came from Microsoft with a purchase token and has signed in. The token is encrypted for fulfillment alone (contract 3.3, 5.5). */
export const purchaseOpened = defineMessage(
  'landfall.gateway.purchase-opened.v1',
  z.object({ purchaseId: uuid, registration: registrationName, encryptedToken: encrypted, person, openedAt: instant }),
  'purchaseId',
);

/** A signed-in person who may do so confirmed the purchase by the form. What is personal in it is encrypted for subscription alone. */
export const purchaseConfirmed = defineMessage(
  'landfall.gateway.purchase-confirmed.v1',
  z.object({
    purchaseId: uuid,
    subscriptionId: uuid,
    person,
    /** JWE of `{ email, name }`. */
    encryptedContact: encrypted.nullable(),
    /** Of the form, by the name of the field. */
    answers: z.record(z.string().max(100), z.string().max(2_000)),
    confirmedAt: instant,
  }),
);

/** What the payload of a webhook says of its operation, as far as it says anything. */
const hint = {
  /** `Azure` or `Partner`; null where the payload did not say. */
  source: z.string().nullable(),
  planId: z.string().nullable(),
  quantity: z.int().nullable(),
  /** When Microsoft began the operation, as the payload says; null where it does not. */
  timeStamp: instant.nullable(),
  /** The target is what the payload's own copy of the subscription has already (contract 4.5). */
  isRevert: z.boolean(),
  /** By the gateway's clock. Until ten seconds later a refusal counts (contract 4.5). */
  receivedAt: instant,
  /** An operator has it looked at once more; nobody is answered anew. */
  isReplay: z.boolean().optional(),
};

/** An authentic webhook is stored. Its content is a hint: what counts is read from Microsoft (contract 4.3, rule 1). */
export const webhookReceived = defineMessage(
  'landfall.gateway.webhook-received.v1',
  z.object({
    deliveryId: uuid,
    /** To whose address it came, with a token that was made for it. */
    registration: registrationName,
    subscriptionId: uuid,
    operationId: uuid,
    action: z.string(),
    /**
     * By the gateway's clock: it is answered 200 at that moment, as nobody has to decide first. Absent where the answer waits for a decision, and in a replay:
     * `webhook-answered` tells when Microsoft has it.
     */
    answeredAt: instant.optional(),
    ...hint,
  }),
);

/**
 * An authentic webhook named a subscription but no operation that could be asked for: no id, an id of another form, or no action. What it does say is a
 * hint; the outstanding operations and the subscription are read instead.
 */
export const webhookUnreadable = defineMessage(
  'landfall.gateway.webhook-unreadable.v1',
  z.object({
    deliveryId: uuid,
    /** As in `webhook-received`. */
    registration: registrationName,
    subscriptionId: uuid,
    action: z.string().nullable(),
    ...hint,
  }),
);

/**
 * Microsoft has our answer, to a webhook that waited for a decision or that came again: only now may the operation be acknowledged by PATCH (contract 8,
 * pitfall 19). One that was answered at once says so in `webhook-received`.
 */
export const webhookAnswered = defineMessage(
  'landfall.gateway.webhook-answered.v1',
  z.object({
    subscriptionId: uuid,
    operationId: uuid,
    action: z.string(),
    /** As in `webhook-received`: an answer at another publisher's address is none. */
    registration: registrationName,
    status: z.int(),
    answeredAt: instant,
  }),
);

/** This service has erased what it stored of a person's contact data. */
export const gatewayContactErased = defineMessage('landfall.gateway.contact-erased.v1', z.object(erasedContact), 'erasureId');
