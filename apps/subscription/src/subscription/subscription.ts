import {
  readSubscription,
  subscriptionActivated,
  subscriptionSnapshot,
  type DataOf,
  type Member,
  type MessageConstructor,
  type PlanAndQuantity,
} from '@landfall/contracts';
import { changed, type Effect, type Outcome } from '@landfall/messaging';
import type { EncryptedContact } from '../contact/contact';
import type { Drift, LateExplanation } from '../drift/drift';
import { planAndQuantityOf, publicCauseOf, transitionOf, type Transition } from '../history/transition';
import { untoldOf } from '../history/untold.domain';
import { operationKey, type Operation } from '../operation/operation';
import type { Remark } from '../operation/remark';
import { isBookedOn, type ChangeRequest } from '../request/request';
import type { DatedCause, Subscription } from './record';
import { accessOf } from './status';

export type { DatedCause, Subscription } from './record';
export { accessOf, awaitedIn, statusChange, type StatusChange } from './status';

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
  /** Drifts of this subscription: those that are open, and those that were found or have ended since it was loaded. */
  readonly drifts: readonly Drift[];
  /** Which of them are to be written, by their ids. */
  readonly changedDrifts: readonly string[];
  /** Members of which an operation was learnt that explains what a read had changed before. */
  readonly lateExplanations: readonly LateExplanation[];
  readonly newTransitions: readonly Transition[];
  /** What the decision that is being made was given, and how many transitions came before it: the rest of its history is found by comparing. */
  readonly decidedFrom: {
    readonly subscription: Subscription;
    readonly operations: readonly Operation[];
    readonly transitions: number;
  };
  /** Those that are stored stay where there is none of their role. */
  readonly newContacts: readonly EncryptedContact[];
  /** What an operator should see, in words and without personal data. Logged when it is saved. */
  readonly alarms: readonly string[];
  /** What is counted and told about changes that Microsoft decided, or that nobody could judge. */
  readonly remarks: readonly Remark[];
  /** Reads that the decision that is being made orders. */
  readonly reads: readonly OrderedRead[];
  /** Messages and jobs of the decision that is being made. They leave with its outcome, so the next decision begins with none. */
  readonly effects: readonly Effect[];
}

/** What every public event contains. */
export type PublicState = DataOf<typeof subscriptionActivated>;

/** A subscription to which nothing has happened in this batch. */
export const unchanged = (
  subscription: Subscription,
  copyLagMs: number,
  operations: readonly Operation[] = [],
  requests: readonly ChangeRequest[] = [],
  drifts: readonly Drift[] = [],
): SubscriptionChange => ({
  ...{ subscription, copyLagMs, operations, requests, drifts, decidedFrom: { subscription, operations, transitions: 0 } },
  ...{ changedDrifts: [], lateExplanations: [] },
  ...{ changedOperations: [], changedRequests: [], newTransitions: [], newContacts: [], alarms: [], remarks: [], reads: [], effects: [] },
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
export function apply<Definition extends MessageConstructor>(
  change: SubscriptionChange,
  patch: Partial<Subscription>,
  event: Definition,
  because: DatedCause,
  more: (previous: PlanAndQuantity) => Omit<DataOf<Definition>, keyof PublicState> = () => ({}) as never,
): SubscriptionChange {
  const before = change.subscription;
  const booked = change.requests.find((request) => isBookedOn(request, patch, because));
  const cause: DatedCause = booked ? { ...because, source: 'request', actor: booked.actor, actorKind: booked.actorKind } : because;
  const patched = { ...before, ...patch, version: before.version + 1, sequence: before.sequence + 1 };
  const isActivated = before.isActivated || event.type === subscriptionActivated.type;
  const after: Subscription = { ...patched, isActivated, access: accessOf(patched.status, patched.stage) };
  const state = publicStateOf(after, cause);
  const sequence = { sequence: after.sequence };
  const added = more(planAndQuantityOf(before));
  return {
    ...(booked ? keepRequest(change, { ...booked, state: 'succeeded', endedAt: cause.observedAt }) : change),
    subscription: after,
    newTransitions: [...change.newTransitions, transitionOf([before, after, patch], event, cause, added)],
    effects: [...change.effects, event({ ...state, ...added } as never, sequence), subscriptionSnapshot(state, sequence)],
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
export const withRemarks = (change: SubscriptionChange, ...added: Remark[]): SubscriptionChange => ({
  ...change,
  remarks: [...change.remarks, ...added],
});

/** Ends a decision: what it changed without a public event joins the history. */
export function outcomeOf(change: SubscriptionChange): Outcome<SubscriptionChange> {
  const orders = change.reads.map(({ order, afterMs, members, closes }) =>
    readSubscription({ subscriptionId: change.subscription.id, order, afterMs, members: [...members], closes: [...closes] }),
  );
  const { subscription, operations } = change;
  const newTransitions = [...change.newTransitions, ...untoldOf(change)];
  const decidedFrom = { subscription, operations, transitions: newTransitions.length };
  return changed({ ...change, newTransitions, decidedFrom, reads: [], effects: [] }, ...change.effects, ...orders);
}

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
