import {
  subscriptionSnapshot,
  type Access,
  type Cause,
  type DataOf,
  type MessageDefinition,
  type PlanAndQuantity,
  type Snapshot,
  type Stage,
  type Status,
  type subscriptionActivated,
} from '@landfall/contracts';
import { changed, type Effect, type Outcome } from '@landfall/messaging';

/** One of Microsoft's operations. */
export interface Operation {
  readonly operationId: string;
  readonly action: string;
}

/** A subscription as Microsoft showed it. `readAt` is the time before the call, ISO 8601. */
export interface Read {
  readonly snapshot: Snapshot;
  readonly readAt: string;
}

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
  /** Why the set-up does not go on without an operator; null while all is well (rule 10). */
  readonly failureReason: string | null;
  /** How old our knowledge is: the `readAt` of the newest read that was applied (rule 2). */
  readonly asOf: string;
  /** Operations that have begun at Microsoft and whose end we do not know. */
  readonly openOperations: readonly Operation[];
  /** The newest read that came while an operation was open. It is compared when that has ended (rule 2). */
  readonly deferredSnapshot: Read | null;
}

/** What follows from a status that Microsoft shows. `stale`: nothing at Microsoft leads back there, so an old copy has answered. */
export type StatusChange = 'none' | 'subscribe' | 'suspend' | 'reinstate' | 'end' | 'stale' | 'absorbed';

const fromPending = {
  NotStarted: 'none',
  PendingFulfillmentStart: 'none',
  Subscribed: 'subscribe',
  Suspended: 'suspend',
  Unsubscribed: 'end',
} as const;

/** The status of the record → the status that Microsoft shows → what follows (contract 5.2). `NotStarted` counts as pending (contract 5.1). */
export const statusChange: Readonly<Record<Status, Readonly<Record<Status, StatusChange>>>> = {
  NotStarted: fromPending,
  PendingFulfillmentStart: fromPending,
  Subscribed: { NotStarted: 'stale', PendingFulfillmentStart: 'stale', Subscribed: 'none', Suspended: 'suspend', Unsubscribed: 'end' },
  Suspended: { NotStarted: 'stale', PendingFulfillmentStart: 'stale', Subscribed: 'reinstate', Suspended: 'none', Unsubscribed: 'end' },
  // rule 3
  Unsubscribed: {
    NotStarted: 'absorbed',
    PendingFulfillmentStart: 'absorbed',
    Subscribed: 'absorbed',
    Suspended: 'absorbed',
    Unsubscribed: 'absorbed',
  },
};

/** The actions that change something by themselves, and from which status. From any other one they say what we know already (rule 7). */
export const changesFrom: Readonly<Record<'ChangePlan' | 'ChangeQuantity', readonly Status[]>> = {
  ChangePlan: ['Subscribed'],
  ChangeQuantity: ['Subscribed'],
};

/** What a set-up waits for in each stage. What arrives in another stage has come before, or is not wanted any more: it changes nothing. */
export const awaitedIn: Readonly<Record<Stage, 'confirmation' | 'approval' | 'tenant' | 'activation' | null>> = {
  'awaiting-customer': 'confirmation',
  'awaiting-approval': 'approval',
  provisioning: 'tenant',
  activating: 'activation',
  done: null,
};

/** What the customer may use: what they really have, not what was ordered (rule 11). */
export function accessOf(status: Status, stage: Stage): Access {
  if (status === 'Unsubscribed') return 'ended';
  if (stage !== 'done') return 'none';
  return status === 'Suspended' ? 'limited' : 'full';
}

export const isPending = (status: Status): boolean => status === 'PendingFulfillmentStart' || status === 'NotStarted';

/** A row of history: what changed, why, and on what evidence. It is written once and never changed. */
export interface Transition {
  readonly version: number;
  readonly event: string;
  readonly cause: Cause;
  /** Set where an operation of Microsoft led to it. One operation may show several differences, each with a row of its own. */
  readonly operationId: string | null;
  readonly action: string | null;
  readonly from: PlanAndQuantity & { readonly access: Access };
  readonly to: PlanAndQuantity & { readonly access: Access };
  readonly observedAt: string;
}

/** Contact data of a purchase, encrypted for a column of this service. Decisions pass it on unread. */
export interface EncryptedContact {
  readonly person: { readonly tenantId: string; readonly objectId: string };
  readonly encrypted: string;
}

/**
 * What `load` hands to the decisions and the decisions to `save`: a subscription as it is now, and what is to be written beside its row. If several
 * messages of a batch are about one subscription, each decision goes on with the change that the one before it left.
 */
export interface SubscriptionChange {
  readonly subscription: Subscription;
  /** The operations that were decided before this batch, as `operationKey`; the newest ones only (rule 4). */
  readonly decidedOperations: readonly string[];
  readonly newOperations: readonly Operation[];
  readonly newTransitions: readonly Transition[];
  /** Null: the contact that is stored, if any, stays. */
  readonly newContact: EncryptedContact | null;
  /** Messages and jobs of the decision that is being made. They leave with its outcome, so the next decision begins with none. */
  readonly effects: readonly Effect[];
}

/** Why something changed, and when. */
export interface DatedCause extends Cause {
  /** When it was true at Microsoft; null where unknown. */
  readonly effectiveAt: string | null;
  /** When we learnt it. */
  readonly observedAt: string;
  /** Microsoft's word, where an operation led to it. */
  readonly action?: string;
}

/** What every public event contains. */
export type PublicState = DataOf<typeof subscriptionActivated>;

/** A subscription to which nothing has happened in this batch. */
export const unchanged = (subscription: Subscription, decidedOperations: readonly string[] = []): SubscriptionChange => ({
  ...{ subscription, decidedOperations, newOperations: [], newTransitions: [], newContact: null, effects: [] },
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
 * event and, beside it, the snapshot that replaces the one before. `more` gives what this event contains beyond the state that is in all of them.
 */
export function apply<Definition extends MessageDefinition>(
  change: SubscriptionChange,
  patch: Partial<Subscription>,
  event: Definition,
  cause: DatedCause,
  more: (previous: PlanAndQuantity) => Omit<DataOf<Definition>, keyof PublicState> = () => ({}) as never,
): SubscriptionChange {
  const before = change.subscription;
  const patched = { ...before, ...patch, version: before.version + 1, sequence: before.sequence + 1 };
  const after: Subscription = { ...patched, access: accessOf(patched.status, patched.stage) };
  const state = publicStateOf(after, cause);
  const sequence = { sequence: after.sequence };
  return {
    ...change,
    subscription: after,
    newTransitions: [...change.newTransitions, transitionOf(before, after, event, cause)],
    effects: [
      ...change.effects,
      event({ ...state, ...more(planAndQuantityOf(before)) } as never, sequence),
      subscriptionSnapshot(state, sequence),
    ],
  };
}

/** Ends a decision. */
export const outcomeOf = (change: SubscriptionChange): Outcome<SubscriptionChange> =>
  changed({ ...change, effects: [] }, ...change.effects);

/** Whether an operation was decided before, in this batch or an earlier one (rule 4). The table of operations takes each only once. */
export const isDecided = ({ decidedOperations, newOperations }: SubscriptionChange, operation: Operation): boolean =>
  decidedOperations.includes(operationKey(operation)) || newOperations.map(operationKey).includes(operationKey(operation));

const operationKey = ({ operationId, action }: Operation): string => `${operationId}/${action}`;

function transitionOf(before: Subscription, after: Subscription, event: MessageDefinition, cause: DatedCause): Transition {
  const operationId = cause.operationId ?? null;
  return {
    version: after.version,
    event: event.type,
    cause: publicCauseOf(cause),
    operationId,
    action: operationId ? (cause.action ?? null) : null,
    from: { ...planAndQuantityOf(before), access: before.access },
    to: { ...planAndQuantityOf(after), access: after.access },
    observedAt: cause.observedAt,
  };
}

const planAndQuantityOf = ({ planId, quantity, status }: Subscription): PlanAndQuantity => ({ planId, quantity, status });

/** What products see of a subscription: everything but what is personal or concerns the record alone. */
function publicStateOf(subscription: Subscription, cause: DatedCause): PublicState {
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
    version: subscription.version,
    current: planAndQuantityOf(subscription),
    effectiveAt: cause.effectiveAt,
    observedAt: cause.observedAt,
    imported: subscription.imported,
    cause: publicCauseOf(cause),
  };
}

const publicCauseOf = ({ source, operationId, actor }: DatedCause): Cause => ({ source, operationId, actor });
