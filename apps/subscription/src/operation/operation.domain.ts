import {
  operationDecided,
  type DataOf,
  type MessageOf,
  type operationSettled,
  type operationVerified,
  type Status,
} from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { changePlan, changeQuantity, isOlder, observe, register } from '../subscription/comparison.domain';
import { operationKey, type Subscription } from '../subscription/subscription';
import { note, tell, unfold, type Occasion, type Unfolding } from '../subscription/unfolding.domain';

type Operation = DataOf<typeof operationVerified>;

/** The actions that change something by themselves, and from where. Elsewhere they are facts that we already know (rule 7). */
const changesFrom: Readonly<Record<'ChangePlan' | 'ChangeQuantity', readonly Status[]>> = {
  ChangePlan: ['Subscribed'],
  ChangeQuantity: ['Subscribed'],
};

/**
 * Decides what an operation that Microsoft confirmed does to a subscription. First the subscription as Microsoft shows it is compared, which
 * is all there is to do for Renew, Suspend, Unsubscribe and Subscribe, and for whatever is settled already; then an open change is applied.
 * A refusal by the catalog or the product's veto will be decided here, between the two; nothing else can be refused (rule 7).
 */
export function decideOperation(current: Subscription | undefined, message: MessageOf<typeof operationVerified>): Outcome<Subscription> {
  const operation = message.data;
  const occasion = occasionOf(operation);
  if (current?.appliedOperations.includes(operationKey(operation.operationId, operation.action))) {
    return ignored('this operation was applied before (rule 4)');
  }
  const start = current ? unfold(current) : register(operation.snapshot, operation.readAt, true, { ...occasion, effectiveAt: null }); // rule 6
  const seen = current ? observe(start, operation.snapshot, operation.readAt, occasion) : start;
  const applied = isOpen(operation) ? applyOpen(seen, operation, occasion) : seen;
  return finish(tell(remember(applied, operation), decided(operation, applied.state.version)));
}

/** An open operation changes plan or quantity at once; it stays open until Microsoft shows how it ended. */
function applyOpen(before: Unfolding, operation: Operation, occasion: Occasion): Unfolding {
  const { state } = before;
  if (state.status === 'Unsubscribed') return before; // rule 3
  const open = note(before, {
    openOperations: [...state.openOperations, { operationId: operation.operationId, action: operation.action }],
  });
  const applied = applyTarget(open, operation, occasion);
  const isChange = applied.state.version > state.version;
  // what was read before a change that was applied is old, also where another open operation keeps its snapshot from being compared (rule 2)
  return isChange && isOlder(state.knownAt, operation.readAt) ? note(applied, { knownAt: operation.readAt }) : applied;
}

/** Only what the action is about is taken from the operation (rule 1). A target that is there already is Microsoft's revert: nothing changes. */
function applyTarget(before: Unfolding, { action, planId, quantity }: Operation, occasion: Occasion): Unfolding {
  const { state } = before;
  switch (action) {
    case 'ChangePlan':
      if (!planId || planId === state.planId || !changesFrom.ChangePlan.includes(state.status)) return before;
      return changePlan(before, planId, occasion);
    case 'ChangeQuantity':
      if (quantity === null || quantity === state.quantity || !changesFrom.ChangeQuantity.includes(state.status)) return before;
      return state.quantity === null ? before : changeQuantity(before, quantity, occasion); // flat rate has no seats, whatever is said
    default:
      return before; // Reinstate is InProgress while Get still says Suspended: it is followed until Subscribed (rule 7)
  }
}

/** Microsoft has ended an operation: what it shows now counts, whatever we made of the operation before. */
export function decideSettlement(current: Subscription | undefined, message: MessageOf<typeof operationSettled>): Outcome<Subscription> {
  const { operationId, settled, snapshot, readAt, source, action } = message.data;
  if (!current) return ignored('an operation of a subscription that we have never seen has ended');
  const openOperations = current.openOperations.filter((open) => open.operationId !== operationId);
  const closed = note(unfold(current), { openOperations });
  const isReversal = settled !== 'Succeeded';
  const occasion: Occasion = {
    cause: { source: isReversal ? 'reversal' : causeOf(source), operationId },
    effectiveAt: null,
    observedAt: readAt,
    action,
  };
  const compared = observe(closed, snapshot, readAt, occasion);
  const { held } = closed.state;
  return finish(held ? observe(compared, held.snapshot, held.readAt, { ...occasion, cause: { source: 'reconciliation' } }) : compared);
}

function remember(after: Unfolding, { operationId, action }: Operation): Unfolding {
  const { appliedOperations, newOperations } = after.state;
  return note(after, {
    appliedOperations: [...appliedOperations, operationKey(operationId, action)],
    newOperations: [...newOperations, { operationId, action }],
  });
}

const isOpen = ({ operationStatus }: Operation): boolean => operationStatus === 'NotStarted' || operationStatus === 'InProgress';

const causeOf = (source: string | null): 'request' | 'webhook' => (source === 'Partner' ? 'request' : 'webhook');

const occasionOf = ({ operationId, action, source, requestedAt, readAt }: Operation): Occasion => ({
  cause: { source: causeOf(source), operationId },
  effectiveAt: requestedAt,
  observedAt: readAt,
  action,
});

const decided = ({ subscriptionId, operationId, action }: Operation, version: number) =>
  operationDecided({ subscriptionId, operationId, action, verdict: 'accepted', reason: null, version });

export const finish = ({ state, effects }: Unfolding): Outcome<Subscription> => changed(state, ...effects);
