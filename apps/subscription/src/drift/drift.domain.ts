import {
  isPending,
  member,
  purchaseResolved,
  stableId,
  subscriptionObserved,
  type DataOf,
  type Member,
  type Message,
  type SubscriptionRead,
} from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import type { Transition } from '../history/transition';
import { msBetween } from '../subscription/change.domain';
import { unexplained } from '../subscription/explanation.domain';
import { isOpenTo, members, stateOf } from '../subscription/member';
import { statusChange, type SubscriptionChange } from '../subscription/subscription';
import { isOpenDrift, type Drift, type DriftOccasion, type DriftingMember, type KeptReason, type LateExplanation } from './drift';

/** One decision: what it was given and what it made of it, and the read that it was about. */
interface Decided {
  readonly before: SubscriptionChange;
  readonly after: SubscriptionChange;
  /** The rows of history that it added. */
  readonly told: readonly Transition[];
  readonly read: SubscriptionRead | null;
  readonly occasion: DriftOccasion;
  readonly reconciliationId: string | null;
  readonly messageId: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each decision has its own message and facts
type Decision = (current: SubscriptionChange | undefined, message: any, facts: any) => Outcome<SubscriptionChange>;

/** A consumer's table of decisions, after each of which it is compared what the record had with what Microsoft shows. */
export const findingDrifts = <Table extends Readonly<Record<string, Decision>>>(table: Table): Table =>
  Object.fromEntries(
    Object.entries(table).map(([type, decide]) => [
      type,
      (current: SubscriptionChange | undefined, message: Message, facts: unknown) => {
        const outcome = decide(current, message, facts);
        return outcome.kind === 'changed' ? { ...outcome, state: withDrifts(current, outcome.state, message) } : outcome;
      },
    ]),
  ) as unknown as Table;

function withDrifts(before: SubscriptionChange | undefined, after: SubscriptionChange, message: Message): SubscriptionChange {
  const told = after.newTransitions.slice(before?.newTransitions.length ?? 0);
  const decided = { after, told, read: readOf(message), ...foundBy(message), messageId: message.id };
  if (!before) {
    const isSurprise = after.subscription.imported && !isPurchase(message);
    return decided.read && isSurprise ? keepDrift(after, importOf({ ...decided, before: after }, decided.read)) : after;
  }
  return found(explained(ended(after, { ...decided, before }), { ...decided, before }), { ...decided, before });
}

const readOf = ({ data }: Message): SubscriptionRead | null => (data as { read?: SubscriptionRead | null }).read ?? null;

function foundBy({ type, data }: Message): Pick<Decided, 'occasion' | 'reconciliationId'> {
  if (type === purchaseResolved.type) return { occasion: 'landing', reconciliationId: null };
  if (type !== subscriptionObserved.type) return { occasion: 'operation', reconciliationId: null };
  const { occasion, reconciliationId = null } = data as DataOf<typeof subscriptionObserved>;
  return { occasion, reconciliationId };
}

/** Microsoft's own words that it sold a plan which it activates itself: nobody could have known it before (contract 4.8, 5.2). */
const isPurchase = ({ data }: Message): boolean => (data as { action?: string }).action === 'Subscribe';

/** Adds a drift, or replaces what was known of it. */
export const keepDrift = (change: SubscriptionChange, drift: Drift): SubscriptionChange => ({
  ...change,
  drifts: [...change.drifts.filter(({ id }) => id !== drift.id), drift],
  changedDrifts: [...change.changedDrifts.filter((id) => id !== drift.id), drift.id],
});

/** Ends those that this decision ended: their member has changed, or a read that counts shows what the record has. */
const ended = (change: SubscriptionChange, decided: Decided): SubscriptionChange =>
  change.drifts.filter(isOpenDrift).reduce((before, drift) => {
    const end = endOf(drift, decided);
    return end ? keepDrift(before, { ...drift, ...end }) : before;
  }, change);

function endOf(drift: Drift, decided: Decided): Pick<Drift, 'state' | 'endedAt' | 'event' | 'version'> | null {
  const { before, after, told, read } = decided;
  const by = drift.member === 'subscription' ? undefined : changeOf(decided, drift.member);
  if (by && drift.member !== 'subscription') {
    const { of, isSame } = members[drift.member];
    const isTaken = isSame(of(after.subscription), drift.microsofts);
    return { state: isTaken ? 'repaired' : 'over', endedAt: by.observedAt, event: by.event, version: by.version };
  }
  if (after.subscription.status === 'Unsubscribed' && before.subscription.status !== 'Unsubscribed') {
    const last = told.at(-1)!;
    return { state: 'over', endedAt: last.observedAt, event: last.event, version: last.version };
  }
  if (drift.member === 'subscription' || !read || !showsOurs(decided, drift.member, read)) return null;
  return { state: 'over', endedAt: read.date, event: null, version: null };
}

function showsOurs({ after }: Decided, name: Member, { snapshot, readNo }: SubscriptionRead): boolean {
  const { of, shownIn, isSame } = members[name];
  const value = shownIn(snapshot, after.subscription);
  return value !== undefined && isSame(value, of(after.subscription)) && isOpenTo(stateOf(after.subscription, name), readNo);
}

/** The row of history of this decision that changed the member, the last one. */
function changeOf({ told, after }: Decided, name: Member): Transition | undefined {
  const fields = Object.keys(members[name].patch(members[name].of(after.subscription) as never));
  return told.findLast(({ changes }) => changes.some(({ field }) => fields.includes(field)));
}

/** What stood on a read, and stands on an operation now with the same value. */
function explained(change: SubscriptionChange, { before, after }: Decided): SubscriptionChange {
  const late = member.options.flatMap((name): LateExplanation[] => {
    const [{ setBy: stoodOn, date: setAt }, { setBy }] = [stateOf(before.subscription, name), stateOf(after.subscription, name)];
    if (setBy === null || stoodOn !== null) return [];
    const { of, isSame } = members[name];
    return isSame(of(before.subscription), of(after.subscription)) ? [{ member: name, operationId: setBy, setAt }] : [];
  });
  return late.length > 0 ? { ...change, lateExplanations: [...change.lateExplanations, ...late] } : change;
}

/** Adds what the read shows to differ from what the record had before it. */
function found(change: SubscriptionChange, decided: Decided): SubscriptionChange {
  const { read } = decided;
  return read ? member.options.reduce((known, name) => compared(known, name, decided, read), change) : change;
}

function compared(change: SubscriptionChange, name: Member, decided: Decided, read: SubscriptionRead): SubscriptionChange {
  const { before, after } = decided;
  const { of, shownIn, isSame } = members[name];
  const [ours, theirs] = [of(before.subscription), shownIn(read.snapshot, before.subscription)];
  if (theirs === undefined || isSame(theirs, ours) || isUnsaid(ours)) return change;
  const differing = { ours, theirs };
  if (isSame(theirs, of(after.subscription))) {
    const by = changeOf(decided, name);
    const wasOpen = before.drifts.some((drift) => drift.member === name && isOpenDrift(drift)); // it has ended by this change
    return by && !wasOpen && isDrift(decided, name, by) ? keepDrift(change, repaired(decided, name, differing, by)) : change;
  }
  const open = change.drifts.find((drift) => drift.member === name && isOpenDrift(drift));
  const reason = keptReasonOf(decided, name, read) ?? open?.keptReason; // whoever sees it again, it is not over
  if (!reason) return change;
  return keepDrift(change, open ? foundAgain(open, theirs, reason, read) : kept(decided, name, differing, reason, read));
}

/** What nobody had said before differs from nothing: it is taken over when it is named (rule 1). */
function isUnsaid(ours: unknown): boolean {
  if (ours === null || ours === '') return true;
  return typeof ours === 'object' && Object.values(ours).every((part) => part === null || part === '' || part === false);
}

/** What a read brings about that was made to see the effect of what we had done ourselves. */
const ownDoing: readonly DriftOccasion[] = ['activation', 'cancellation', 'request'];

/**
 * Whether a change that a read brought is a drift. In a sweep it is, whatever explains it: nothing had told us before. Elsewhere it is where no operation
 * explains it, and neither we nor the beginning of its life, which any read may show first, brought it about.
 */
function isDrift({ before, after, occasion }: Decided, name: Member, { cause }: Transition): boolean {
  if (occasion === 'reconciliation') return true;
  const isBeginning = isPending(before.subscription.status) && !isPending(after.subscription.status);
  if (cause.operationId !== undefined || isBeginning || (name === 'status' && ownDoing.includes(occasion))) return false;
  return cause.source === 'observed' || cause.source === 'landing';
}

/** Why a sweep's read did not change the member; null where that is no drift. Other reads meet late copies all the time. */
function keptReasonOf({ before, after, occasion }: Decided, name: Member, { snapshot, readNo }: SubscriptionRead): KeptReason | null {
  if (occasion !== 'reconciliation') return null;
  const { status } = before.subscription;
  const follows = statusChange[status][snapshot.status ?? status];
  if (follows === 'stale') return name === 'status' ? 'stale' : null; // the whole answer is an old copy's
  if (follows === 'absorbed' && name === 'status') return 'absorbed';
  return isOpenTo(stateOf(after.subscription, name), readNo) ? 'echo' : 'shut';
}

interface Differing {
  readonly ours: unknown;
  readonly theirs: unknown;
}

function repaired(decided: Decided, name: Member, { ours, theirs }: Differing, by: Transition): Drift {
  const { effectiveAt, effectiveBetween } = by;
  return {
    ...newDrift(decided, name, decided.read!.date),
    ...{ ours, microsofts: theirs, source: by.cause.source, operationId: by.operationId },
    since: effectiveAt
      ? { from: effectiveAt, to: effectiveAt }
      : sinceWithin(effectiveBetween ?? { from: null, to: decided.read!.date }, decided.before.subscription),
    ...{ state: 'repaired', keptReason: null, endedAt: decided.read!.date, event: by.event, version: by.version, endReason: null },
  };
}

function kept(decided: Decided, name: Member, { ours, theirs }: Differing, reason: KeptReason, { date }: SubscriptionRead): Drift {
  return {
    ...newDrift(decided, name, date),
    ...{ ours, microsofts: theirs, source: 'reconciliation', operationId: null },
    since: sinceWithin(unexplained(decided.before, name, 'reconciliation', date).effectiveBetween!, decided.before.subscription),
    ...{ state: 'open', keptReason: reason, endedAt: null, event: null, version: null, endReason: null },
  };
}

/** Nothing differs before the purchase; and an answer's date is in whole seconds, so that it may be of just before it. */
export function sinceWithin({ from, to }: Drift['since'], { purchasedAt }: { readonly purchasedAt: string | null }): Drift['since'] {
  const earliest = [from, purchasedAt].filter((one) => one !== null).toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null;
  return { from: earliest !== null && Date.parse(earliest) > Date.parse(to) ? to : earliest, to };
}

const foundAgain = (known: Drift, theirs: unknown, reason: KeptReason, { date }: SubscriptionRead): Drift => ({
  ...known,
  ...{ microsofts: theirs, keptReason: reason, timesFound: known.timesFound + 1 },
  lastFoundAt: msBetween(known.lastFoundAt, date) > 0 ? date : known.lastFoundAt,
});

/** The record did not know it at all, and nobody came for it: it is imported (rule 6). */
function importOf(decided: Decided, { date }: SubscriptionRead): Drift {
  const { planId, quantity, status, purchasedAt } = decided.after.subscription;
  const { cause, event, version } = decided.told[0]!;
  return {
    ...newDrift(decided, 'subscription', date),
    ...{ ours: null, microsofts: { status, planId, quantity }, since: sinceWithin({ from: purchasedAt, to: date }, { purchasedAt }) },
    ...{ source: cause.source, operationId: null, state: 'repaired', keptReason: null, endedAt: date, event, version, endReason: null },
  };
}

function newDrift({ messageId, occasion, reconciliationId }: Decided, name: DriftingMember, date: string) {
  const id = stableId(messageId, `drift-of-${name}`, 0);
  return { id, member: name, occasion, reconciliationId, foundAt: date, lastFoundAt: date, timesFound: 1 } as const;
}
