import type { Access, Cause, MessageDefinition, PlanAndQuantity } from '@landfall/contracts';
import type { DatedCause, Subscription } from '../subscription/record';

/** Who brought a change about. `rules`: our own, such as the catalog's. People are known by their object id alone. */
export interface HistoryActor {
  readonly kind: 'microsoft' | 'customer' | 'operator' | 'product' | 'reconciliation' | 'rules';
  readonly id?: string;
}

/** What happened to the record without a public event. */
export type PrivateEvent =
  'operation-announced' | 'operation-begun' | 'operation-decided' | 'operation-ended' | 'operation-without-effect' | 'record-changed';

/** A row of history: what changed, why, since when, and on what evidence. It is written once and never changed, and holds nothing personal. */
export interface Transition extends Pick<DatedCause, 'actorKind' | 'effectiveAt' | 'effectiveBetween' | 'observedAt'> {
  /** Of the record after it. What is private leaves the version as it is. */
  readonly version: number;
  /** Of its public event; null where it has none. */
  readonly sequence: number | null;
  /** The type of the public event, or a `PrivateEvent`. */
  readonly event: string;
  readonly cause: Cause;
  /** Set where an operation of Microsoft led to it. One operation may show several differences, each with a row of its own. */
  readonly operationId: string | null;
  readonly action: string | null;
  /** In words; null where nobody gave one. */
  readonly reason: string | null;
  readonly from: PlanAndQuantity & { readonly access: Access };
  readonly to: PlanAndQuantity & { readonly access: Access };
  /** Every field of the record that it changed, of the operation that it is about (`operation.status`), and of our request (`request.planId`). None: it adds why, or since when. */
  readonly changes: readonly FieldChange[];
  /** Who acted, and for whom; added by what knows the message or the request behind the decision. */
  readonly trace?: Trace;
}

export interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What a decision followed from. */
export interface Trace {
  readonly actor: HistoryActor;
  /** For whom it was done, where that is somebody else: an operator approves for a customer. */
  readonly onBehalfOf: HistoryActor | null;
  readonly correlationId: string | null;
  /** The message, or the job. */
  readonly causationId: string | null;
}

type Step = readonly [before: Subscription, after: Subscription, patch: Partial<Subscription>];

/** The row of a change that is public. */
export function transitionOf([before, after, patch]: Step, { type }: MessageDefinition, cause: DatedCause, added: object): Transition {
  const operationId = cause.operationId ?? null;
  return {
    version: after.version,
    sequence: after.sequence,
    event: type,
    cause: publicCauseOf(cause),
    ...(cause.actorKind && { actorKind: cause.actorKind }),
    operationId,
    action: operationId ? (cause.action ?? null) : null,
    reason: 'reason' in added && typeof added.reason === 'string' ? added.reason : (patch.failureReason ?? null),
    from: standingOf(before),
    to: standingOf(after),
    changes: [...changesOf(before, after, Object.keys(patch) as (keyof Subscription)[]), ...requestIn(added)],
    ...{ effectiveAt: cause.effectiveAt, effectiveBetween: cause.effectiveBetween, observedAt: cause.observedAt },
  };
}

/** Which of our requests the event is about, and what was requested: an early end leaves it nowhere else. */
function requestIn(added: { readonly requestId?: unknown; readonly requested?: object }): FieldChange[] {
  if (added.requestId === undefined) return [];
  const told = { requestId: added.requestId, ...added.requested };
  return Object.entries(told).flatMap(([field, to]) => (to === null ? [] : [{ field: `request.${field}`, from: null, to }]));
}

/** Which of these fields differ. */
export const changesOf = <T extends object>(before: T, after: T, fields: readonly (keyof T & string)[]): FieldChange[] =>
  fields.filter((field) => before[field] !== after[field]).map((field) => ({ field, from: before[field], to: after[field] }));

export const planAndQuantityOf = ({ planId, quantity, status }: Subscription): PlanAndQuantity => ({ planId, quantity, status });

export const standingOf = (subscription: Subscription) => ({ ...planAndQuantityOf(subscription), access: subscription.access });

export const publicCauseOf = ({ source, operationId, actor }: DatedCause): Cause => ({ source, operationId, actor });
