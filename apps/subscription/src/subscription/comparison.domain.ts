import {
  subscriptionActivated,
  subscriptionPlanChanged,
  subscriptionPurchased,
  subscriptionQuantityChanged,
  subscriptionReinstated,
  subscriptionRenewed,
  subscriptionSuspended,
  subscriptionUnsubscribed,
  subscriptionUpdated,
  type Snapshot,
  type Status,
  type Term,
} from '@landfall/contracts';
import { type Subscription } from './subscription';
import { note, step, unfold, type Occasion, type Unfolding } from './unfolding.domain';

/** Microsoft takes the subscription away after this many days without payment. Contract 5.2, row 8. */
const graceDays = 30;
/** Customers' data is kept at least this long after the end. Contract 5.4. */
const retentionDays = 30;

/** A subscription seen for the first time. `imported` where Microsoft told us of it before any customer came with it (rule 6). */
export function register(snapshot: Snapshot, readAt: string, imported: boolean, occasion: Occasion): Unfolding {
  const { subscriptionId, ...seen } = snapshot;
  const state: Subscription = {
    ...seen,
    id: subscriptionId,
    stage: 'awaiting-customer',
    access: snapshot.status === 'Unsubscribed' ? 'ended' : 'none',
    version: 0,
    sequence: 0,
    imported,
    tenantReference: null,
    stuckBecause: null,
    knownAt: readAt,
    openOperations: [],
    appliedOperations: [],
    held: null,
    history: [],
    newOperations: [],
    contact: null,
  };
  return step(unfold(state), {}, subscriptionPurchased, { ...occasion, effectiveAt: snapshot.purchasedAt });
}

/**
 * Compares what Microsoft shows with what we know and says each difference as an event. Rule 2: a read older than what was applied last
 * changes nothing; one that comes while an operation is open is held and compared when that has ended. Rule 3: Unsubscribed comes through
 * at once, since nothing at Microsoft leads out of it, and nothing comes after it.
 */
export function observe(before: Unfolding, snapshot: Snapshot, readAt: string, occasion: Occasion): Unfolding {
  const { state } = before;
  if (state.status === 'Unsubscribed' || isOlder(readAt, state.knownAt)) return before;
  if (isPending(snapshot.status) && !isPending(state.status)) return before; // nothing leads back there: a stale copy answered (contract 5.2)
  if (snapshot.status === 'Unsubscribed') return end(before, readAt, datedBy('Unsubscribe', occasion));
  if (state.openOperations.length > 0) {
    return state.held && isOlder(readAt, state.held.readAt) ? before : note(before, { held: { snapshot, readAt } });
  }

  const known = note(before, { knownAt: readAt, held: null });
  return others(quantityOf(planOf(statusOf(known, snapshot, occasion), snapshot, occasion), snapshot, occasion), snapshot, occasion);
}

/**
 * The time of an operation is the time of what it is about. Whatever else a read shows began when nobody knows: taken for the end, the time of an
 * old operation would have customers' data purged too early.
 */
const datedBy = (action: string, occasion: Occasion): Occasion =>
  occasion.action === action ? occasion : { ...occasion, effectiveAt: null };

/** The end: it supersedes every open operation, request and job of the subscription (rule 3). */
function end(before: Unfolding, readAt: string, occasion: Occasion): Unfolding {
  const patch = { status: 'Unsubscribed', openOperations: [], held: null, stuckBecause: null, knownAt: readAt } as const;
  return step(before, patch, subscriptionUnsubscribed, occasion, (previous) => ({
    previous,
    retainedUntil: daysAfter(occasion.effectiveAt ?? occasion.observedAt, retentionDays),
  }));
}

function statusOf(before: Unfolding, { status, term }: Snapshot, occasion: Occasion): Unfolding {
  const { state } = before;
  if (status === state.status || isPending(status)) return before;
  if (status === 'Suspended') {
    // Suspended while it was being activated: it had become active at Microsoft, so its set-up is finished, only locked
    const setUp = state.stage === 'activating' ? ({ stage: 'done', stuckBecause: null } as const) : {};
    const suspension = datedBy('Suspend', occasion);
    const graceEndsAt = suspension.effectiveAt ? daysAfter(suspension.effectiveAt, graceDays) : null;
    return step(before, { status, ...setUp }, subscriptionSuspended, suspension, (previous) => ({ previous, graceEndsAt }));
  }
  if (status === 'Subscribed' && state.status === 'Suspended') {
    return step(before, { status }, subscriptionReinstated, datedBy('Reinstate', occasion), (previous) => ({ previous }));
  }
  if (status === 'Subscribed' && state.stage === 'activating') {
    return step(before, { status, term, stage: 'done', stuckBecause: null }, subscriptionActivated, datedBy('Subscribe', occasion));
  }
  return step(before, { status, term }, subscriptionUpdated, datedBy('Subscribe', occasion)); // billed already although nobody confirmed: access stays none
}

function planOf(before: Unfolding, { planId }: Snapshot, occasion: Occasion): Unfolding {
  return planId === before.state.planId ? before : changePlan(before, planId, datedBy('ChangePlan', occasion));
}

function quantityOf(before: Unfolding, { quantity }: Snapshot, occasion: Occasion): Unfolding {
  return quantity === before.state.quantity ? before : changeQuantity(before, quantity, datedBy('ChangeQuantity', occasion));
}

export const changePlan = (before: Unfolding, planId: string, occasion: Occasion): Unfolding =>
  step(before, { planId }, subscriptionPlanChanged, occasion, (previous) => ({ previous }));

export const changeQuantity = (before: Unfolding, quantity: number | null, occasion: Occasion): Unfolding =>
  step(before, { quantity }, subscriptionQuantityChanged, occasion, (previous) => ({ previous }));

/** A later start of the term is a renewal, said once per term start whoever saw it first (rule 4). All else is an update. */
function others(before: Unfolding, snapshot: Snapshot, occasion: Occasion): Unfolding {
  const { state } = before;
  const { term, autoRenew, isFreeTrial, allowedCustomerOperations } = snapshot;
  const privateOfferId = snapshot.privateOfferId ?? state.privateOfferId; // only the list of plans tells it (contract 3.7): silence is no change
  const isSame =
    isSameTerm(term, state.term) &&
    autoRenew === state.autoRenew &&
    isFreeTrial === state.isFreeTrial &&
    privateOfferId === state.privateOfferId &&
    isSameSet(allowedCustomerOperations, state.allowedCustomerOperations);
  if (isSame) return before;
  const isRenewal = !!state.term?.startDate && !!term?.startDate && term.startDate > state.term.startDate;
  const patch = { term, autoRenew, isFreeTrial, allowedCustomerOperations, privateOfferId };
  return step(before, patch, isRenewal ? subscriptionRenewed : subscriptionUpdated, datedBy('Renew', occasion));
}

function isSameTerm(one: Term | null, other: Term | null): boolean {
  if (!one || !other) return one === other;
  return (
    one.termUnit === other.termUnit &&
    one.startDate === other.startDate &&
    one.endDate === other.endDate &&
    one.chargeDuration === other.chargeDuration
  );
}

/** Microsoft lists them in any order (contract 3.2). */
const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((word) => other.includes(word));

export const isPending = (status: Status): boolean => status === 'PendingFulfillmentStart' || status === 'NotStarted';

export const isOlder = (instant: string, than: string): boolean => Date.parse(instant) < Date.parse(than);

const daysAfter = (instant: string, days: number): string => new Date(Date.parse(instant) + days * 86_400_000).toISOString();
