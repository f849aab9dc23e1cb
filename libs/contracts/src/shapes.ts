import { z } from 'zod';

/** An instant, ISO 8601 in UTC. Times travel as text: JSON Schema knows no dates. */
export const instant = z.iso.datetime({ offset: true });
/** A day of Microsoft's calendar, UTC. */
export const day = z.iso.date();
/** Read in any case and given in lower case, as Postgres gives it: two spellings are one id. */
export const uuid = z.guid().toLowerCase();

/**
 * One line of text that somebody outside of Landfall wrote and we store: without control characters and halves of letters, which Postgres does not
 * take, or a terminal does not show. Bound it with `.max`.
 */
export const line = z.string().regex(/^[^\p{Cc}\p{Cs}]*$/u);
/** The same with tabs and line breaks. */
export const lines = z.string().regex(/^([^\p{Cc}\p{Cs}]|[\t\n\r])*$/u);

/** The longest text, in characters (UTF-16), that says why something is so: somebody else's words, and ours around them. */
export const REASON_LENGTH = 2_000;
/** Why something is so, in words for people. Whoever makes it of words that are not bounded makes it by `asReason`. */
export const reason = z.string().max(REASON_LENGTH);
export const asReason = (text: string): string => cut(text, REASON_LENGTH);

/** Microsoft's own code for why it says no. Whoever passes it on makes it by `asCode`. */
const CODE_LENGTH = 200;
export const microsoftsCode = z.string().max(CODE_LENGTH);
export const asCode = (text: string): string => cut(text, CODE_LENGTH);

/** A text of a bounded length, in characters (UTF-16): what is too long ends in …, and never in the middle of a letter that is two of them. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;

/** What is encrypted for one service, as a JWE: all that it may hold is bounded before. */
export const encrypted = z.string().max(65_536);

/** How a product calls a tenant that it has set up. */
export const tenantReference = line.max(200);

/** Microsoft's words for the state of a subscription (contract 5.1). `NotStarted` stands in its schema only; it is treated as pending. */
export const status = z.enum(['NotStarted', 'PendingFulfillmentStart', 'Subscribed', 'Suspended', 'Unsubscribed']);
export type Status = z.infer<typeof status>;
/** Microsoft waits for the activation of what was bought. */
export const isPending = (word: Status): boolean => word === 'PendingFulfillmentStart' || word === 'NotStarted';

/** The clocks of two machines, Microsoft's or ours, may differ by so much: what lies nearer together has no order by them. */
export const CLOCK_TOLERANCE_MS = 5_000;

/** Where a set-up stands, beside Microsoft's status. `rejected`: an operator has refused the purchase, and it is to be cancelled at Microsoft. */
export const stage = z.enum(['awaiting-customer', 'awaiting-approval', 'rejected', 'provisioning', 'activating', 'done']);
export type Stage = z.infer<typeof stage>;

/** Why an operator rejected a purchase, in words for its customer: it is shown on their page. No personal data. */
export const rejectionReason = line.min(1).max(500);

/** What the customer may use now: nothing yet, all, only their data (suspended), nothing any more. */
export const access = z.enum(['none', 'full', 'limited', 'ended']);
export type Access = z.infer<typeof access>;

/** A person is a tenant and an object in it, never an e-mail address (contract 2.4). */
export const person = z.object({ tenantId: z.string(), objectId: z.string() });
export type Person = z.infer<typeof person>;

/** The billing term (contract 3.2). `endDate` is the last valid day, inclusive. Both are null until activation. */
export const term = z.object({
  termUnit: z.string(),
  startDate: day.nullable(),
  endDate: day.nullable(),
  chargeDuration: z.string().nullable(),
});
export type Term = z.infer<typeof term>;

/** A subscription as Microsoft showed it, without anything personal (contract 3.2). `offerId` has no `-preview` suffix. */
export const snapshot = z.object({
  /** Microsoft's id of the subscription, in lower case. It stays the same for life. */
  subscriptionId: uuid,
  /** The company's account at Microsoft. */
  publisherId: z.string(),
  /** The offer, without the ending `-preview`. */
  offerId: z.string(),
  /** Bought from the preview of the offer, which only its publisher's testers see. */
  isPreview: z.boolean(),
  /** The plan of the offer. */
  planId: z.string(),
  /** Seats; null for a flat-rate plan, whatever a payload says. */
  quantity: z.int().positive().nullable(),
  status,
  term: term.nullable(),
  /** Another term follows this one unless the customer says otherwise. */
  autoRenew: z.boolean(),
  /** The first month of a plan that offers one without charge. */
  isFreeTrial: z.boolean(),
  /** What the customer may do at Microsoft: some of Read, Update, Delete. A reseller's customer may only read. */
  allowedCustomerOperations: z.array(z.string()),
  /** The private offer by which it was bought, if any. */
  privateOfferId: z.string().nullable(),
  /** When it was bought. */
  purchasedAt: instant.nullable(),
  /** Who uses it: access is theirs. A person is a tenant and an object in it, never an e-mail address (contract 2.4). */
  beneficiary: person,
  /** Who bought it, who may be somebody else. */
  purchaser: person,
});
export type Snapshot = z.infer<typeof snapshot>;

/**
 * Why Microsoft lets neither us nor the customer change or cancel a subscription, in words for an operator: a reseller sold it (contract 1.2). Null where it does,
 * and where it named nothing: that was not said, and then Microsoft decides (rule 1).
 */
export function whyNotAllowed(
  what: 'change' | 'cancel',
  { allowedCustomerOperations: allowed = [] }: Pick<ShownSnapshot, 'allowedCustomerOperations'>,
): string | null {
  const needed = what === 'cancel' ? 'Delete' : 'Update';
  if (allowed.length === 0 || allowed.includes(needed)) return null;
  return `Microsoft does not let us ${what} this subscription (allowedCustomerOperations has no ${needed}), as where a reseller sold it: only the reseller can ${what} it`;
}

/**
 * A subscription as one answer of Microsoft showed it. A member that the answer left out, or had null or empty, is absent: that is not said, and
 * never means that it changed to nothing (rule 1). So is `quantity` of a flat-rate plan, and so is each part of `term`.
 */
export const shownSnapshot = z.object({ ...snapshot.partial().shape, subscriptionId: uuid, term: term.partial().optional() });
export type ShownSnapshot = z.infer<typeof shownSnapshot>;

/** Whether an answer says enough of a subscription that nobody knows yet: its status, and its plan unless it has ended. */
export const saysEnough = ({ status, planId }: ShownSnapshot): boolean => status !== undefined && (!!planId || status === 'Unsubscribed');

/**
 * The order of our reads: the number of a read that began later is higher. Drawn before the call, from one sequence of fulfillment's database that
 * begins anew above all numbers before it with each `epoch` (rules 2 and 12). No clock orders reads.
 */
export const readNo = z.int().positive();

/** One answer to Get Subscription or Resolve (contract 3.3, 3.6). */
export const subscriptionRead = z.object({
  snapshot: shownSnapshot,
  readNo,
  /** Microsoft's clock: the `Date` header of the answer. */
  date: instant,
});
export type SubscriptionRead = z.infer<typeof subscriptionRead>;

/** What a subscription has, as the rules of the record count it: each is read, changed and explained by itself. */
export const member = z.enum([
  'status',
  'plan',
  'quantity',
  'term',
  'autoRenew',
  'isFreeTrial',
  'allowedCustomerOperations',
  'beneficiary',
  'purchaser',
  'offer',
  'privateOfferId',
  'purchasedAt',
]);
export type Member = z.infer<typeof member>;

/** The longest texts of a plan, in characters (UTF-16). They are cut to it: a description of Microsoft's has up to 3,000 (contract 1.4). */
export const planTextLengths = { description: 300, name: 200, word: 50 } as const;
const planWord = z.string().max(planTextLengths.word);

/**
 * What the landing page shows of a plan (contract 3.7). Texts are cut where they are too long for a message. Prices are decimal text and for display
 * alone: Microsoft's invoice counts.
 */
export const planOnOffer = z.object({
  planId: z.string(),
  displayName: z.string().max(planTextLengths.name),
  description: z.string().max(planTextLengths.description),
  isPricePerSeat: z.boolean(),
  minQuantity: z.int().nullable(),
  maxQuantity: z.int().nullable(),
  isStopSell: z.boolean(),
  prices: z.array(z.object({ termUnit: planWord, price: planWord, currency: planWord })),
});
export type PlanOnOffer = z.infer<typeof planOnOffer>;

/** What led to a change of a subscription. */
export const cause = z.object({
  /** `observed`: a read showed it, and no operation that we know explains it. `deadline`: nothing happened, only the time of a deadline comes near. */
  source: z.enum(['landing', 'webhook', 'request', 'operator', 'reconciliation', 'observed', 'deadline']),
  operationId: z.string().optional(),
  actor: z.string().optional(),
});
export type Cause = z.infer<typeof cause>;

/** What is paid for, and whether it may be used. */
export const planAndQuantity = z.object({ planId: z.string(), quantity: z.int().positive().nullable(), status });
export type PlanAndQuantity = z.infer<typeof planAndQuantity>;

/** What every public event contains about its subscription: the whole state after it, so that a product needs no second question. */
export const subscriptionState = {
  ...snapshot.shape,
  stage,
  access,
  /** The set-up has failed: it waits for an operator, or for the customer to come again. Absent while all is well. */
  hasSetUpFailed: z.boolean().optional(),
  /** Why the purchase was rejected, as its customer is told. Absent unless `stage` is `rejected`. */
  rejectionReason: rejectionReason.optional(),
  /** Rises with every change of the record; a reader drops what is older than it has seen. */
  version: z.int().nonnegative(),
  /** Plan, seats and status after it. An event that changes one of them also has `previous`. */
  current: planAndQuantity,
  /** When it was true at Microsoft; null where unknown. */
  effectiveAt: instant.nullable(),
  /** Where `effectiveAt` is unknown: between which two instants of Microsoft's clock it became true, as far as we saw. */
  effectiveBetween: z.object({ from: instant, to: instant }).optional(),
  /** When we learnt it. */
  observedAt: instant,
  /** Taken over from Microsoft without having seen the purchase. */
  imported: z.boolean(),
  cause,
};

/** The longest e-mail address that is kept. RFC 5321 allows 254 characters. */
export const EMAIL_LENGTH = 320;

/** Whom Microsoft names with an address in a subscription (contract 3.2). It travels encrypted alone, as the text of a member `encryptedContacts`. */
export const namedContact = z.object({ role: z.enum(['beneficiary', 'purchaser']), person, email: z.string().max(EMAIL_LENGTH) });
export type NamedContact = z.infer<typeof namedContact>;

/** One erasure of a person's contact data, by ids alone. */
export const erasedContact = { erasureId: uuid, tenantId: z.string(), objectId: z.string() };
