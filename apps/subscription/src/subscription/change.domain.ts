import {
  isPending,
  subscriptionActivated,
  subscriptionPlanChanged,
  subscriptionQuantityChanged,
  subscriptionReinstated,
  subscriptionRenewed,
  subscriptionSuspended,
  subscriptionUnsubscribed,
  subscriptionUpdated,
  type Member,
  type PlanAndQuantity,
  type Status,
  type Term,
} from '@landfall/contracts';
import type { Operation } from '../operation/operation';
import { endAllRequests } from '../request/ending.domain';
import { overtakenQuestions } from '../veto/veto.job';
import { isRenewal, members, stateOf } from './member';
import type { MemberState } from './member.state';
import { alarm, apply, awaitedIn, emit, orderRead, set, statusChange, type DatedCause, type SubscriptionChange } from './subscription';

/** Microsoft takes the subscription away after this many days without payment. Contract 5.2, row 8. */
const graceDays = 30;
/** Customers' data is kept so long after the end: ours; Microsoft asks for a week at least (contract 5.4). */
const retentionDays = 30;
/** So long a value that a member had is remembered: shown again, it may be an echo of an old copy (rule 2). */
export const echoMs = 3_600_000;
/** So long after an answer that says too little the next one is asked for. */
export const askedAgainMs = 1_000;
/** So many earlier values are remembered of one member. */
const earlierKept = 10;

/** A member's new value, and what it stands on. */
export interface NewValue {
  readonly member: Member;
  readonly value: unknown;
  /** What explains it, with its date. */
  readonly cause: DatedCause;
  /** The operation that explains it; null where it stands on a read. */
  readonly operation: Pick<Operation, 'operationId' | 'timeStamp' | 'verdict'> | null;
  /** Microsoft's clock: the `Date` of the answer that showed it. */
  readonly date: string;
  /** With a status that begins the life of the subscription: the term that begins with it. */
  readonly begins?: Term;
}

/** Sets one member, and emits its event. The member is shut until its closing read (rule 2). */
export function putMember(current: SubscriptionChange, change: NewValue): SubscriptionChange {
  const { member, value, cause, operation } = change;
  const told = (previous: PlanAndQuantity) => ({ previous, ...(operation?.verdict === 'refused' && { overruled: true }) }); // rule 8
  switch (member) {
    case 'status':
      return askForTerm(current, putStatus(shutTerm(shutMember(current, change), change), change));
    case 'plan':
      return apply(shutMember(current, change), members.plan.patch(value), subscriptionPlanChanged, cause, told);
    case 'quantity':
      return apply(shutMember(current, change), members.quantity.patch(value), subscriptionQuantityChanged, cause, told);
    default:
      return putDetails(current, [change]);
  }
}

/** Sets members that have no event of their own, with one event for all of them. A later start of the term makes it a renewal. */
export function putDetails(current: SubscriptionChange, changes: readonly NewValue[]): SubscriptionChange {
  if (changes.length === 0) return current;
  const { subscription } = current;
  const term = changes.find(({ member }) => member === 'term');
  const isRenewed = !!term && subscription.status !== 'Unsubscribed' && isRenewal(subscription.term, term.value as Term | null);
  const cause = (term ?? changes.find(({ operation }) => operation) ?? changes[0]!).cause;
  const patch = Object.assign({}, ...changes.map(({ member, value }) => members[member].patch(value))) as object;
  const shut = changes.reduce(shutMember, current);
  return noticedOwners(apply(shut, patch, isRenewed ? subscriptionRenewed : subscriptionUpdated, cause), current, changes);
}

/** A person who is replaced by another one: products may have to give access to somebody else, and an operator should know. */
function noticedOwners(change: SubscriptionChange, before: SubscriptionChange, changes: readonly NewValue[]): SubscriptionChange {
  return changes.reduce((noticed, { member }) => {
    if (member !== 'beneficiary' && member !== 'purchaser') return noticed;
    return before.subscription[member].objectId ? alarm(noticed, `Microsoft names another ${member} than before`) : noticed;
  }, change);
}

/** Until its closing read no read changes the member again. */
function shutMember(current: SubscriptionChange, change: NewValue): SubscriptionChange {
  const { member } = change;
  const before = stateOf(current.subscription, member);
  const after = stateAfter(before, members[member].of(current.subscription), change);
  if (beginsLife(current, change)) return setMember(current, member, { ...after, openFrom: before.openFrom });
  const closed = closeMember(setMember(current, member, after), member);
  return member === 'status' && change.value === 'Unsubscribed' ? askForLastBill(closed) : closed;
}

/** The term that begins with a status may have been renewed a moment ago, and an old copy show the one before. */
const shutTerm = (current: SubscriptionChange, { begins, ...change }: NewValue): SubscriptionChange =>
  begins ? shutMember(current, { ...change, member: 'term', value: begins }) : current;

/** The last bill needs the last plan and seats (rule 3): after the end no other read is sure to come that shows them. */
function askForLastBill(ended: SubscriptionChange): SubscriptionChange {
  const billed: Member[] = ended.subscription.quantity === null ? ['plan'] : ['plan', 'quantity'];
  return orderRead(ended, { afterMs: ended.copyLagMs, members: billed, closes: [] });
}

/** The term begins with the activation (contract 3.2). Where that is seen without it no other read is sure to come that shows it. */
function askForTerm(before: SubscriptionChange, after: SubscriptionChange): SubscriptionChange {
  const { status, term } = after.subscription;
  const hasBegun = isPending(before.subscription.status) && (status === 'Subscribed' || status === 'Suspended');
  return hasBegun && !term?.startDate ? orderRead(after, { afterMs: askedAgainMs, members: ['term'], closes: [] }) : after;
}

/** Out of pending nothing leads back, so an old copy can't take it back, and nothing has to be shut. */
const beginsLife = ({ subscription: { status } }: SubscriptionChange, { member, value }: NewValue): boolean =>
  member === 'status' && statusChange[status][value as Status] === 'subscribe';

function stateAfter(before: MemberState, replaced: unknown, { operation, date }: NewValue): MemberState {
  const recent = before.earlier.filter(({ until }) => msBetween(until, date) < echoMs);
  return {
    setBy: operation?.operationId ?? null,
    timeStamp: operation?.timeStamp ?? before.timeStamp,
    date,
    change: before.change + 1,
    openFrom: null,
    echo: null,
    earlier: [...recent, { value: replaced, until: date }].slice(-earlierKept),
  };
}

/**
 * Orders the read that opens a member again, when every copy at Microsoft has had the time to show what it shows. One that is wanted sooner, for an
 * operation that was never shown, opens nothing: the member may have changed a moment ago.
 */
export function closeMember(current: SubscriptionChange, member: Member, afterMs = current.copyLagMs): SubscriptionChange {
  const { change, openFrom } = stateOf(current.subscription, member);
  const opens = openFrom === null && afterMs >= current.copyLagMs;
  return orderRead(current, { afterMs, members: [member], closes: opens ? [{ member, change }] : [] });
}

export const setMember = (current: SubscriptionChange, member: Member, state: MemberState): SubscriptionChange =>
  set(current, { members: { ...current.subscription.members, [member]: state } });

function putStatus(current: SubscriptionChange, { value, cause, begins: term }: NewValue): SubscriptionChange {
  const { subscription } = current;
  const status = value as Status;
  const awaitsActivation = awaitedIn[subscription.stage] === 'activation';
  const completed = awaitsActivation ? ({ stage: 'done', failureReason: null } as const) : {};
  switch (statusChange[subscription.status][status]) {
    case 'suspend': // while it waited for its activation: it had become active at Microsoft, so its set-up is complete, only locked
      return apply(
        set(current, { graceEndsAt: graceEndOf(cause) }),
        { status, ...completed },
        subscriptionSuspended,
        cause,
        (previous) => ({
          previous,
          graceEndsAt: graceEndOf(cause),
        }),
      );
    case 'reinstate':
      return announceAccess(
        apply(current, { status }, subscriptionReinstated, cause, (previous) => ({ previous })),
        cause,
      );
    case 'subscribe': // before anybody confirmed it is billed already, and has no access
      return apply(
        current,
        { status, ...completed, ...(term && { term }) },
        awaitsActivation ? subscriptionActivated : subscriptionUpdated,
        cause,
      );
    case 'end': // the end of every request, wait and job of the subscription (rule 3)
      return emit(
        endAllRequests(
          apply(current, { status, failureReason: null }, subscriptionUnsubscribed, cause, (previous) => ({
            previous,
            retainedUntil: daysAfter(cause.effectiveAt ?? cause.observedAt, retentionDays),
          })),
          cause.observedAt,
        ),
        overtakenQuestions(subscription.id),
      );
    default:
      return current;
  }
}

/** Access for the first time is told by `activated`, also where what gave it has an event of its own: a tenant, a reinstatement (rule 11). */
export const announceAccess = (change: SubscriptionChange, cause: DatedCause): SubscriptionChange => {
  const { access, isActivated } = change.subscription;
  return access === 'full' && !isActivated ? apply(change, {}, subscriptionActivated, cause) : change;
};

/** Thirty days after the suspension began; where that is unknown, after the earliest moment at which it can have begun (rule 13). */
export const graceEndOf = ({ effectiveAt, effectiveBetween, observedAt }: DatedCause): string =>
  daysAfter(effectiveAt ?? effectiveBetween?.from ?? observedAt, graceDays);

/** No message and no column takes a year of five digits. */
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z');

const daysAfter = (instant: string, days: number): string =>
  new Date(Math.min(Date.parse(instant) + days * 86_400_000, lastInstant)).toISOString();

export const msBetween = (from: string, to: string): number => Date.parse(to) - Date.parse(from);
