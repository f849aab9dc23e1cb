import {
  readSubscription,
  subscriptionActivated,
  subscriptionSnapshot,
  type Access,
  type Cause,
  type DataOf,
  type Member,
  type MessageDefinition,
  type PlanAndQuantity,
  type Snapshot,
  type Stage,
} from '@landfall/contracts';
import { changed, type Effect, type Outcome } from '@landfall/messaging';
import { operationKey, type Operation } from '../operation/operation';
import type { Remark } from '../operation/remark';
import { isBookedOn, type ChangeRequest } from '../request/request';
import type { MemberState } from './member.state';
import { accessOf } from './status';

export { accessOf, awaitedIn, isPending, statusChange, type StatusChange } from './status';

/** The record of a subscription: its row, as it is read and written. */
export interface Subscription extends Omit<Snapshot, 'subscriptionId'> {
  readonly id: string;
  readonly stage: Stage;
  readonly access: Access;
  /** Rises by one with every change. */
  readonly version: number;
  /** Counts the public events: 1, 2, 3 … without gaps. */
  readonly sequence: number;
  readonly imported: boolean;
  readonly tenantReference: string | null;
  /** `activated` has been published: it is, once, when there is access for the first time (rule 11). */
  readonly isActivated: boolean;
  /** Why the set-up does not go on without an operator; null while all is well (rule 10). */
  readonly failureReason: string | null;
  /** Why an operator rejected the purchase, as its customer is told; null in every other stage than `rejected`. */
  readonly rejectionReason: string | null;
  /** How old our knowledge is: the newest `Date` of an answer of Microsoft that we have seen. */
  readonly asOf: string;
  /** The first read. Members that have not changed since stand on it, and no read before it counts. */
  readonly firstReadNo: number;
  readonly firstReadDate: string;
  /** The newest `Date` of a counted read that showed Subscribed; null where none did. A suspension that was over before is not one of now (rule 13). */
  readonly lastSubscribedDate: string | null;
  /** Members that have changed since the first read (rule 2). */
  readonly members: Readonly<Partial<Record<Member, MemberState>>>;
  /** How many reads were ordered (rule 2). */
  readonly orderedReads: number;
}

/** A row of history: what changed, why, since when, and on what evidence. It is written once and never changed. */
export interface Transition extends Pick<DatedCause, 'effectiveAt' | 'effectiveBetween' | 'observedAt'> {
  readonly version: number;
  readonly event: string;
  readonly cause: Cause;
  /** Set where an operation of Microsoft led to it. One operation may show several differences, each with a row of its own. */
  readonly operationId: string | null;
  readonly action: string | null;
  readonly from: PlanAndQuantity & { readonly access: Access };
  readonly to: PlanAndQuantity & { readonly access: Access };
  /** Every field of the record that it changed. None: it adds why, or since when. */
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[];
}

/** Contact data of a purchase, encrypted for a column of this service. Decisions pass it on unread. */
export interface EncryptedContact {
  readonly person: { readonly tenantId: string; readonly objectId: string };
  readonly encrypted: string;
}

/** A read of the subscription that is ordered with a decision (rule 2). */
export interface OrderedRead {
  readonly order: number;
  readonly afterMs: number;
  /** What the answer must have. */
  readonly members: readonly Member[];
  /** The changes that it closes. */
  readonly closes: readonly { readonly member: Member; readonly change: number }[];
}

/**
 * What `load` hands to the decisions and the decisions to `save`: a subscription as it is now, and what is to be written beside its row. If several
 * messages of a batch are about one subscription, each decision goes on with the change that the one before it left.
 */
export interface SubscriptionChange {
  readonly subscription: Subscription;
  /** How far a copy at Microsoft may lag, in milliseconds: `COPY_LAG`. */
  readonly copyLagMs: number;
  /** The newest operations of the subscription. */
  readonly operations: readonly Operation[];
  /** Which of them are to be written, by `operationKey`. */
  readonly changedOperations: readonly string[];
  /** Requests of ours for this subscription: those that are pending, and those that have ended since it was loaded. */
  readonly requests: readonly ChangeRequest[];
  /** Which of them are to be written, by their ids. */
  readonly changedRequests: readonly string[];
  readonly newTransitions: readonly Transition[];
  /** Null: the contact that is stored, if any, stays. */
  readonly newContact: EncryptedContact | null;
  /** What an operator should see, in words and without personal data. Logged when it is saved. */
  readonly alarms: readonly string[];
  /** What is counted and told about changes that Microsoft decided, or that nobody could judge. */
  readonly remarks: readonly Remark[];
  /** Reads that the decision that is being made orders. */
  readonly reads: readonly OrderedRead[];
  /** Messages and jobs of the decision that is being made. They leave with its outcome, so the next decision begins with none. */
  readonly effects: readonly Effect[];
}

/** Why something changed, and when. */
export interface DatedCause extends Cause {
  /** When it was true at Microsoft; null where unknown. */
  readonly effectiveAt: string | null;
  /** Where `effectiveAt` is unknown: between which instants of Microsoft's clock it became true. */
  readonly effectiveBetween?: { readonly from: string; readonly to: string };
  /** When we learnt it: the `Date` of the answer that showed it, or the time of the message. */
  readonly observedAt: string;
  /** Microsoft's word, where an operation led to it. */
  readonly action?: string;
}

/** What every public event contains. */
export type PublicState = DataOf<typeof subscriptionActivated>;

/** A subscription to which nothing has happened in this batch. */
export const unchanged = (
  subscription: Subscription,
  copyLagMs: number,
  operations: readonly Operation[] = [],
  requests: readonly ChangeRequest[] = [],
): SubscriptionChange => ({
  ...{ subscription, copyLagMs, operations, requests },
  ...{ changedOperations: [], changedRequests: [], newTransitions: [], newContact: null, alarms: [], remarks: [], reads: [], effects: [] },
});

/** Sets what concerns nobody else: no event, no version, no history. */
export const set = (change: SubscriptionChange, patch: Partial<Subscription>): SubscriptionChange => ({
  ...change,
  subscription: { ...change.subscription, ...patch },
});

/** Emits a message to other services, or a job, that is no public event: an answer, a command. */
export const emit = (change: SubscriptionChange, ...effects: Effect[]): SubscriptionChange => ({
  ...change,
  effects: [...change.effects, ...effects],
});

/**
 * Applies a change that products have to know. This is the one place that counts version and sequence, adds the row of history, and emits the public
 * event and, beside it, the snapshot that replaces the one before. A request on which it is booked has succeeded, and its actor is told (rule 10). `more`
 * gives what this event contains beyond the state that is in all of them.
 */
export function apply<Definition extends MessageDefinition>(
  change: SubscriptionChange,
  patch: Partial<Subscription>,
  event: Definition,
  because: DatedCause,
  more: (previous: PlanAndQuantity) => Omit<DataOf<Definition>, keyof PublicState> = () => ({}) as never,
): SubscriptionChange {
  const before = change.subscription;
  const booked = change.requests.find((request) => isBookedOn(request, patch, because));
  const cause: DatedCause = booked ? { ...because, source: 'request', actor: booked.actor } : because;
  const patched = { ...before, ...patch, version: before.version + 1, sequence: before.sequence + 1 };
  const isActivated = before.isActivated || event.type === subscriptionActivated.type;
  const after: Subscription = { ...patched, isActivated, access: accessOf(patched.status, patched.stage) };
  const state = publicStateOf(after, cause);
  const sequence = { sequence: after.sequence };
  return {
    ...(booked ? keepRequest(change, { ...booked, state: 'succeeded', endedAt: cause.observedAt }) : change),
    subscription: after,
    newTransitions: [...change.newTransitions, transitionOf([before, after, patch], event, cause)],
    effects: [
      ...change.effects,
      event({ ...state, ...more(planAndQuantityOf(before)) } as never, sequence),
      subscriptionSnapshot(state, sequence),
    ],
  };
}

/** The operation as the record knows it; undefined where it does not. */
export const findOperation = (
  { operations }: SubscriptionChange,
  { operationId, action }: Pick<Operation, 'operationId' | 'action'>,
): Operation | undefined => operations.find((known) => known.operationId === operationId && known.action === action);

/** Adds an operation, or replaces what was known of it. */
export function keepOperation(change: SubscriptionChange, operation: Operation): SubscriptionChange {
  const key = operationKey(operation);
  return {
    ...change,
    operations: [...change.operations.filter((known) => operationKey(known) !== key), operation],
    changedOperations: [...change.changedOperations.filter((known) => known !== key), key],
  };
}

/** Adds a request, or replaces what was known of it. */
export const keepRequest = (change: SubscriptionChange, request: ChangeRequest): SubscriptionChange => ({
  ...change,
  requests: [...change.requests.filter(({ id }) => id !== request.id), request],
  changedRequests: [...change.changedRequests.filter((id) => id !== request.id), request.id],
});

/** Orders a read. Those of one decision that are due at the same time are one. */
export function orderRead(change: SubscriptionChange, read: Omit<OrderedRead, 'order'>): SubscriptionChange {
  const same = change.reads.find(({ afterMs }) => afterMs === read.afterMs);
  const order = same?.order ?? change.subscription.orderedReads + 1;
  const merged = {
    order,
    afterMs: read.afterMs,
    members: [...new Set([...(same?.members ?? []), ...read.members])],
    closes: [...(same?.closes ?? []), ...read.closes],
  };
  const reads = [...change.reads.filter((known) => known !== same), merged];
  return set({ ...change, reads }, same ? {} : { orderedReads: order });
}

/** Adds what an operator should see. */
export const alarm = (change: SubscriptionChange, words: string): SubscriptionChange => ({ ...change, alarms: [...change.alarms, words] });

/** Adds what is counted about a change that was not ours to decide. */
export const remark = (change: SubscriptionChange, ...added: Remark[]): SubscriptionChange => ({
  ...change,
  remarks: [...change.remarks, ...added],
});

/** Ends a decision. */
export function outcomeOf(change: SubscriptionChange): Outcome<SubscriptionChange> {
  const orders = change.reads.map(({ order, afterMs, members, closes }) =>
    readSubscription({ subscriptionId: change.subscription.id, order, afterMs, members: [...members], closes: [...closes] }),
  );
  return changed({ ...change, reads: [], effects: [] }, ...change.effects, ...orders);
}

type Step = readonly [before: Subscription, after: Subscription, patch: Partial<Subscription>];

function transitionOf([before, after, patch]: Step, { type }: MessageDefinition, cause: DatedCause): Transition {
  const operationId = cause.operationId ?? null;
  return {
    version: after.version,
    event: type,
    cause: publicCauseOf(cause),
    operationId,
    action: operationId ? (cause.action ?? null) : null,
    from: { ...planAndQuantityOf(before), access: before.access },
    to: { ...planAndQuantityOf(after), access: after.access },
    changes: (Object.keys(patch) as (keyof Subscription)[])
      .filter((field) => before[field] !== after[field])
      .map((field) => ({ field, from: before[field], to: after[field] })),
    ...{ effectiveAt: cause.effectiveAt, effectiveBetween: cause.effectiveBetween, observedAt: cause.observedAt },
  };
}

const planAndQuantityOf = ({ planId, quantity, status }: Subscription): PlanAndQuantity => ({ planId, quantity, status });

/** What products see of a subscription: everything but what is personal or concerns the record alone. */
export function publicStateOf(subscription: Subscription, cause: DatedCause): PublicState {
  return {
    subscriptionId: subscription.id,
    publisherId: subscription.publisherId,
    offerId: subscription.offerId,
    isPreview: subscription.isPreview,
    planId: subscription.planId,
    quantity: subscription.quantity,
    status: subscription.status,
    term: subscription.term,
    autoRenew: subscription.autoRenew,
    isFreeTrial: subscription.isFreeTrial,
    allowedCustomerOperations: subscription.allowedCustomerOperations,
    privateOfferId: subscription.privateOfferId,
    purchasedAt: subscription.purchasedAt,
    beneficiary: subscription.beneficiary,
    purchaser: subscription.purchaser,
    stage: subscription.stage,
    access: subscription.access,
    ...(subscription.failureReason !== null && { hasSetUpFailed: true }),
    ...(subscription.rejectionReason !== null && { rejectionReason: subscription.rejectionReason }),
    version: subscription.version,
    current: planAndQuantityOf(subscription),
    effectiveAt: cause.effectiveAt,
    effectiveBetween: cause.effectiveBetween,
    observedAt: cause.observedAt,
    imported: subscription.imported,
    cause: publicCauseOf(cause),
  };
}

const publicCauseOf = ({ source, operationId, actor }: DatedCause): Cause => ({ source, operationId, actor });
