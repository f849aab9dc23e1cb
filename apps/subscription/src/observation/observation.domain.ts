import { type DataOf, type MessageOf, type subscriptionObserved } from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { memberOf } from '../operation/operation';
import { endAwaited } from '../operation/settlement.domain';
import { isPendingRequest } from '../request/request';
import { setMember } from '../subscription/change.domain';
import { stateOf } from '../subscription/member';
import { importSubscription, orderImport } from '../subscription/import.domain';
import { applyOne, applyRead } from '../subscription/read.domain';
import { outcomeOf, type SubscriptionChange } from '../subscription/subscription';

type Observation = DataOf<typeof subscriptionObserved>;

const sources = {
  activation: 'landing',
  cancellation: 'observed',
  request: 'observed',
  found: 'observed', // what a request can't have done: it was there before Microsoft was asked
  webhook: 'observed',
  order: 'observed',
  usage: 'observed',
  reconciliation: 'reconciliation',
} as const;

/** Decides what a read outside an operation shows: after an activation, a cancellation or a webhook, ordered by a rule, or in a reconciliation. */
export const decideObservation =
  (copyLagMs: number) =>
  (current: SubscriptionChange | undefined, { data }: MessageOf<typeof subscriptionObserved>): Outcome<SubscriptionChange> => {
    const { read, order, closes } = data;
    const source = sources[data.occasion];
    if (!current) {
      const created = importSubscription(read, { copyLagMs, imported: true, source });
      return created ? outcomeOf(created) : ignored('it says too little to import the subscription', orderImport(data.subscriptionId));
    }
    const opened = closes.reduce((change, close) => open(change, close, read.readNo), current);
    const shown = applyRead(data.occasion === 'request' ? bookOnRequest(opened, read) : opened, read, source);
    return outcomeOf(order === null ? shown : endAwaited(shown, order, read.date));
  };

/** A closing read opens its member, where that has not changed again meanwhile: then another one was ordered (rule 2). */
function open(change: SubscriptionChange, { member, change: closed }: Observation['closes'][number], readNo: number): SubscriptionChange {
  const state = stateOf(change.subscription, member);
  if (state.change !== closed || state.openFrom !== null) return change;
  return setMember(change, member, { ...state, openFrom: readNo });
}

/** A call for a request was made, and its answer was lost: what this read shows of the request's target is its doing, where rule 2 takes it (rules 9 and 10). */
function bookOnRequest(change: SubscriptionChange, read: Observation['read']): SubscriptionChange {
  const { planId, quantity } = read.snapshot;
  const request = change.requests.find(
    (one) =>
      isPendingRequest(one) &&
      one.operationId === null &&
      (one.action === 'ChangePlan' ? one.planId === planId : one.action === 'ChangeQuantity' && one.quantity === quantity),
  );
  return request ? applyOne(change, memberOf(request)!, read, 'request') : change;
}
