import { operationSettled, type OperationStatus, type Snapshot } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import type { SubscriptionReading } from '../microsoft/microsoft.readings';
import { isOpen, showsEffect, traitsOf, type Operation, type Settlement } from './operation';

/** So long an operation that stays open is followed (rule 10). */
export const FOLLOW_LIMIT_MS = 24 * 3_600_000;
/** So long a subscription may lag behind the operation that Microsoft calls Succeeded, counted from when that was first seen. */
export const MISSING_EFFECT_LIMIT_MS = 60_000;

/** Whether the subscription must be read as well before it can be decided how the operation ended. */
export const needsSubscription = ({ action }: Pick<Operation, 'action'>, status: OperationStatus | null, openForMs: number): boolean =>
  (status !== null && !isOpen(status)) || traitsOf(action).succeedsBy === 'effect' || openForMs >= FOLLOW_LIMIT_MS;

/** Operation and subscription as Microsoft showed them together. */
export interface Look extends SubscriptionReading {
  /** Null: Microsoft does not show the operation. */
  readonly status: OperationStatus | null;
  readonly lookedAt: string;
  /** For how long the operation has been followed, in milliseconds. */
  readonly openForMs: number;
}

/** Decides whether Microsoft has ended an operation. The end is recorded and published once, whoever else asks for it meanwhile. */
export function settle(known: Operation | undefined, look: Look): Outcome<Operation> {
  if (!known || known.settled) return ignored('this operation was settled before');
  const { status: operationStatus, snapshot, readAt, openForMs, lookedAt } = look;
  const effectMissingForMs = known.effectMissingSince ? Date.parse(lookedAt) - Date.parse(known.effectMissingSince) : 0;
  const settled = settlementOf(known, { status: operationStatus, snapshot, openForMs, effectMissingForMs });
  if (settled) {
    const { subscriptionId, operationId, action, source, planId, quantity } = known;
    const operation = { subscriptionId, operationId, action, operationStatus, source, planId, quantity };
    return changed({ ...known, settled }, operationSettled({ ...operation, settled, snapshot, readAt }));
  }
  if (operationStatus === 'Succeeded' && !known.effectMissingSince) return changed({ ...known, effectMissingSince: lookedAt });
  return ignored('Microsoft has not ended this operation yet');
}

/**
 * How the operation ended, or null while it must be followed. `Failed` and `Conflict` are ends as they stand; `Succeeded` is one when the
 * subscription shows it, or has had the time to. Reinstate has ended when the subscription is Subscribed, whatever the status of its
 * operation is.
 */
export function settlementOf(
  operation: Pick<Operation, 'action' | 'planId' | 'quantity'>,
  shown: {
    readonly status: OperationStatus | null;
    readonly snapshot: Snapshot;
    readonly openForMs: number;
    readonly effectMissingForMs: number;
  },
): Settlement | null {
  const { status, snapshot, openForMs, effectMissingForMs } = shown;
  if (status === 'Failed' || status === 'Conflict') return status;
  // nothing leads out of Unsubscribed (rule 3): an operation that is still open can't take effect any more
  if (snapshot.status === 'Unsubscribed') return status === 'Succeeded' ? 'Succeeded' : 'Expired';
  const { succeedsBy } = traitsOf(operation.action);
  if (showsEffect(operation, snapshot) && (status === 'Succeeded' || succeedsBy === 'effect')) return 'Succeeded';
  if (status === 'Succeeded' && succeedsBy === 'status' && effectMissingForMs >= MISSING_EFFECT_LIMIT_MS) return 'Succeeded';
  return openForMs >= FOLLOW_LIMIT_MS ? 'Expired' : null;
}

/** Whether somebody should look at an end: we stopped following, and the end of the subscription (rule 3) is not the reason. */
export const needsOperator = (settled: Settlement, { snapshot }: SubscriptionReading): boolean =>
  settled === 'Expired' && snapshot.status !== 'Unsubscribed';
