import type { Catalog, Member, Message } from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import { members, stateOf } from '../subscription/member';
import { findOperation, withRemarks, type SubscriptionChange } from '../subscription/subscription';
import { inWords, judge } from './judgement.domain';
import { isUndecided, memberOf, targetOf, type Operation } from './operation';
import type { Remark } from './remark';
import { overruledBy } from './verdict.domain';

type Decide<M extends Message> = (current: SubscriptionChange | undefined, message: M) => Outcome<SubscriptionChange>;

/** What changes by an operation that could have been refused. */
const refusable: readonly Member[] = ['plan', 'quantity'];

/**
 * A decision, after which operators are told what Microsoft did without our verdict or against it. It may come to light in any message: a read
 * that shows the target of an open operation, the closing read of one that has vanished, the webhook that explains a change which was read before.
 * Each is told once: when the record comes to stand on the operation.
 */
export const noticing =
  <M extends Message>(catalog: () => Catalog, decide: Decide<M>): Decide<M> =>
  (current, message) => {
    const outcome = decide(current, message);
    return current && outcome.kind === 'changed' ? { ...outcome, state: noticed(current, outcome.state, catalog()) } : outcome;
  };

function noticed(before: SubscriptionChange, after: SubscriptionChange, catalog: Catalog): SubscriptionChange {
  const isTold = after.remarks.slice(before.remarks.length).some(({ kind }) => kind !== 'not-named');
  if (isTold) return after;
  return withRemarks(
    after,
    ...refusable.flatMap((member) => {
      const operation = newlyStoodOn(before, after, member);
      return (operation && remarkOn(before, operation, member, catalog)) ?? [];
    }),
  );
}

/** The operation on which the member stands now, and did not before. */
function newlyStoodOn(before: SubscriptionChange, after: SubscriptionChange, member: Member): Operation | undefined {
  const { setBy } = stateOf(after.subscription, member);
  if (setBy === null || setBy === stateOf(before.subscription, member).setBy) return undefined;
  return after.operations.find((operation) => operation.operationId === setBy && memberOf(operation) === member);
}

function remarkOn(before: SubscriptionChange, operation: Operation, member: Member, catalog: Catalog): Remark | undefined {
  const known = findOperation(before, operation);
  if (known?.verdict) return known.verdict === 'refused' ? overruledBy(known) : undefined;
  const judged = judge(beforeRead(before, operation, member), operation, catalog);
  if (judged.kind === 'decided' && judged.decision.verdict === 'accepted') return undefined;
  if (known && isUndecided(known))
    return { kind: 'ended-while-asked', words: `Microsoft did ${inWords(operation)} while the product was being asked about it` };
  const missed = judged.kind === 'asks' ? 'the product could be asked' : `we could refuse it: ${judged.decision.reason}`;
  return { kind: 'ended-before-verdict', words: `Microsoft did ${inWords(operation)} before ${missed}` };
}

/** As the record was before a read showed the target that nothing explained yet: it was a change from that. */
function beforeRead(change: SubscriptionChange, operation: Operation, member: Member): SubscriptionChange {
  const { subscription } = change;
  const { setBy, earlier } = stateOf(subscription, member);
  const replaced = earlier.at(-1);
  if (setBy !== null || !replaced || !members[member].isSame(members[member].of(subscription), targetOf(operation))) return change;
  return { ...change, subscription: { ...subscription, ...members[member].patch(replaced.value) } };
}
