import { operationDecided, type DataOf, type MessageOf, type operationAnnounced, type operationVerified } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { explainLater } from '../subscription/explanation.domain';
import { importedWith, orderImport } from '../subscription/import.domain';
import { applyRead } from '../subscription/read.domain';
import { emit, findOperation, keepOperation, outcomeOf, type SubscriptionChange } from '../subscription/subscription';
import { identityOf, isOpen, type Operation } from './operation';
import { endOperation } from './settlement.domain';

type VerifiedOperation = DataOf<typeof operationVerified>;

/**
 * A webhook named an operation that Microsoft does not show. It changes nothing by itself; it explains and dates what a read has shown or will show
 * (rules 2 and 13).
 */
export function recordAnnouncement(
  current: SubscriptionChange | undefined,
  { data, time }: MessageOf<typeof operationAnnounced>,
): Outcome<SubscriptionChange> {
  if (!current) return ignored('a read imports the subscription first (rule 6)', orderImport(data.subscriptionId));
  if (findOperation(current, data)) return ignored('this operation is known already (rule 4)');
  const operation: Operation = { ...identityOf(data), status: 'Announced', seenOpenAt: null, hadNoEffect: false, closingOrder: null };
  return outcomeOf(explainLater(keepOperation(current, operation), operation, time));
}

/**
 * Decides what an operation that Microsoft shows does to a subscription. While it is open nobody believes its target; the subscription as it was read
 * beside it counts as any read. A refusal by the catalog or the product's veto will be decided here; nothing else can be refused (rule 7).
 */
export const decideOperation =
  (copyLagMs: number) =>
  (current: SubscriptionChange | undefined, { data }: MessageOf<typeof operationVerified>): Outcome<SubscriptionChange> => {
    const known = current && findOperation(current, data);
    if (known && known.status !== 'Announced') return ignored('this operation was decided before (rule 4)');
    const subscription = current ?? importedWith(data.read, copyLagMs);
    if (!subscription) return ignored('a read imports the subscription first (rule 6)', orderImport(data.subscriptionId));
    const { operationStatus: status, seenOpenAt, read } = data;
    const operation: Operation = { ...identityOf(data), status, seenOpenAt, hadNoEffect: false, closingOrder: null };
    const kept = emit(keepOperation(subscription, operation), accepted(data, subscription.subscription.version));
    if (isOpen(operation)) return outcomeOf(read ? applyRead(kept, read, 'observed') : kept);
    return outcomeOf(endOperation(kept, operation, data));
  };

const accepted = ({ subscriptionId, operationId, action }: VerifiedOperation, version: number) =>
  operationDecided({ subscriptionId, operationId, action, verdict: 'accepted', reason: null, version });
