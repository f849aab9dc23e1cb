import {
  operationAnnounced,
  operationSettled,
  operationVerified,
  stableId,
  subscriptionObserved,
  type OperationStatus,
  type Settlement,
  type SubscriptionRead,
} from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import type { OperationAnswer, OperationReading } from '../microsoft/microsoft.readings';
import { dueAcknowledgement, untilAcknowledgementMs, type Acknowledgement } from './acknowledgement.domain';
import {
  LOOK_LIMIT_MS,
  READ_BESIDE_AFTER_MS,
  STUCK_AFTER_MS,
  untilLastLookAgainMs,
  untilNextLookMs,
  untilNextPollMs,
  VANISHED_AFTER_MS,
  type Pace,
} from './look.schedule';
import { isOpen, targetOf, type Operation } from './operation';

/** What Microsoft answered to one look at an operation. That it did not answer is a fact as well. */
export interface Seen {
  readonly operation: OperationAnswer;
  /** Get Subscription; null where it was not answered, or not asked. */
  readonly read: SubscriptionRead | null;
  /** The subscription was read a moment ago, beside the first look, and the acknowledgement followed at once: the end does not wait for another read. */
  readonly isReadSpared?: boolean;
}

/** What a look leads to. */
export interface Looked {
  readonly operation: Operation;
  readonly effects: readonly Effect[];
  /** Microsoft is to be sent this now: our decision. */
  readonly acknowledge: Acknowledgement | null;
  /** When it is looked at again, in milliseconds; null: it has ended, and is not looked at any more. */
  readonly againAfterMs: number | null;
}

/** So soon the subscription is asked for once more that was not answered beside an operation that awaits our decision, or beside its end. */
const READ_AGAIN_MS = 500;
/** Of one that awaits our decision only while Microsoft's ten seconds run (contract 4.5): later polls ask as well. */
const READ_AGAIN_UNTIL_AGE_MS = 10_000;

/** The first look at an operation: where Microsoft does not show it, the announcement is passed on as the hint that it is (rules 1 and 5). */
export function firstLook(operation: Operation, seen: Seen, pace: Pace): Looked {
  const looked = look(operation, seen, pace);
  if (looked.operation.status !== null || operation.action === '') return looked;
  return { ...looked, effects: [operationAnnounced(announcementOf(operation)), ...looked.effects] };
}

/**
 * Decides what one look at an operation means: is it shown, open, ended, gone? It publishes what was seen and says when to look again, and never
 * decides what that does to the subscription (rules 1, 4, 5, 7, 9). `known` has the ages from before the calls.
 */
export function look(known: Operation, seen: Seen, pace: Pace): Looked {
  if (known.settled) return { operation: known, effects: [], acknowledge: null, againAfterMs: null };
  const shown = shownFor(known, seen.operation);
  if (shown) return known.status === null ? verified(known, shown, seen, pace) : followed(seenAs(known, shown), seen, pace, known);
  const unseen = { ...known, operationDate: dateOf(seen.operation) ?? known.operationDate };
  if (known.status === null) return notShown(unseen, seen, pace);
  return seen.operation.kind === 'unanswered' ? followed(unseen, seen, pace, known) : gone(unseen, seen, pace);
}

/**
 * Microsoft shows it for the first time. One that has ended by then needs nothing more: this is its end, too. Only where the subscription was not
 * answered beside it, that is asked for once more, and the end waits for it.
 */
function verified(known: Operation, shown: Shown, { read }: Seen, pace: Pace): Looked {
  if (!read && !isOpen(shown.status)) return awaitRead(seenAs(known, shown));
  const operation = published(seenAs(known, shown), read);
  const event = verifiedAs(operation, shown.status, read);
  if (!isOpen(shown.status))
    return { operation: { ...operation, settled: shown.status }, effects: [event], acknowledge: null, againAfterMs: null };
  return stillOpen(operation, [event], pace);
}

const verifiedAs = (operation: Operation, operationStatus: OperationStatus, read: SubscriptionRead | null) =>
  operationVerified({ ...factsOf(operation), operationStatus, read });

/** It was shown before, and is now, or Get Operation was not answered. */
function followed(operation: Operation, { read, operation: answer, isReadSpared }: Seen, pace: Pace, before: Operation): Looked {
  const { status, shownMs } = operation;
  if (!isOpen(status)) {
    const wasEndSeenBefore = !isOpen(before.status);
    if (read || wasEndSeenBefore || isReadSpared) return settled(operation, status!, read);
    return awaitRead(operation);
  }
  const isAnswered = answer.kind !== 'unanswered';
  if (shownMs! >= (isAnswered ? STUCK_AFTER_MS : LOOK_LIMIT_MS)) return settled(operation, 'Stuck', read);
  const effects = observed(operation, read);
  // who does not know the subscription could not decide about it without this read, and is told of both once more
  const isDecidable = operation.verdict === null && effects.length > 0;
  return stillOpen(published(operation, read), isDecidable ? [verifiedAs(operation, status, read)] : effects, pace);
}

const awaitRead = (operation: Operation): Looked => ({ operation, effects: [], acknowledge: null, againAfterMs: READ_AGAIN_MS });

function stillOpen(operation: Operation, effects: readonly Effect[], pace: Pace): Looked {
  const againAfterMs = Math.min(untilNextPollMs(operation.shownMs!, pace), untilAcknowledgementMs(operation), untilReadAgainMs(operation));
  return { operation, effects, acknowledge: dueAcknowledgement(operation), againAfterMs };
}

/** Infinity where a read was published already, or none is needed to decide. */
const untilReadAgainMs = (operation: Operation): number =>
  awaitsRead(operation) && operation.ageMs < READ_AGAIN_UNTIL_AGE_MS ? READ_AGAIN_MS : Infinity;

/** It is open and undecided, and no read of its subscription was published beside it: perhaps it can't be decided without one (rule 6). */
export const awaitsRead = ({ status, verdict, publishedSnapshot }: Operation): boolean =>
  isOpen(status) && verdict === null && publishedSnapshot === null;

/** It was shown, and is not any more. One whose end was seen has that end. */
function gone(known: Operation, { read }: Seen, pace: Pace): Looked {
  if (!isOpen(known.status)) return settled(known, known.status!, read);
  const goneMs = known.goneMs ?? 0;
  if (goneMs >= VANISHED_AFTER_MS) return settled(known, 'Vanished', read);
  return {
    operation: published({ ...known, goneMs }, read),
    effects: observed(known, read),
    acknowledge: null,
    againAfterMs: Math.min(untilNextPollMs(known.shownMs!, pace), VANISHED_AFTER_MS - goneMs),
  };
}

/** It was never shown. What the reads show meanwhile is published; the last look ends the wait, whatever it shows (rule 5). */
function notShown(operation: Operation, { operation: answer, read }: Seen, pace: Pace): Looked {
  const isLast = operation.ageMs >= pace.copyLagMs;
  const isAnswered = answer.kind !== 'unanswered' && read !== null;
  if (isLast && (isAnswered || operation.ageMs >= LOOK_LIMIT_MS)) return settled(operation, 'Invisible', read);
  return {
    operation: published(operation, read),
    effects: observed(operation, read),
    acknowledge: null,
    againAfterMs: isLast ? untilLastLookAgainMs(operation, pace) : untilNextLookMs(operation, pace),
  };
}

/** The end, once for each operation. A delivery that did not even name an action ends without a word: its read is published as what it is. */
export function settled(operation: Operation, end: Settlement, read: SubscriptionRead | null): Looked {
  const event = operation.action === '' ? observed(operation, read) : [operationSettled({ ...factsOf(operation), settled: end, read })];
  return { operation: { ...published(operation, read), settled: end }, effects: event, acknowledge: null, againAfterMs: null };
}

/** The end once more, of one that ended before anybody knew its subscription: nothing could be booked on it then (rule 6). */
export const settledBefore = (operation: Operation): Effect[] =>
  operation.settled === null || operation.action === ''
    ? []
    : [operationSettled({ ...factsOf(operation), settled: operation.settled, read: null })];

/** Whether a later look asks for the subscription beside the operation. Not while one that is decided is young: only its end matters then. */
export const asksForSubscription = ({ shownMs, verdict }: Pick<Operation, 'shownMs' | 'verdict'>): boolean =>
  shownMs === null || verdict === null || shownMs >= READ_BESIDE_AFTER_MS;

/** Whether the operation has ended, by this answer or before: then a look that did not ask for the subscription asks for it now. */
export const showsEnd = ({ status }: Pick<Operation, 'status'>, answer: OperationAnswer): boolean =>
  !isOpen(status) || (answer.kind === 'shown' && !isOpen(answer.status));

type Shown = Extract<OperationAnswer, { kind: 'shown' }>;

/** What Microsoft shows under the id counts, where it is about the same subscription and action. */
function shownFor(known: Operation, answer: OperationAnswer): Shown | null {
  return answer.kind === 'shown' && isAboutTheSame(known, answer) ? answer : null;
}

const isAboutTheSame = (known: Operation, { subscriptionId, action }: OperationReading): boolean =>
  subscriptionId.toLowerCase() === known.subscriptionId.toLowerCase() && action === known.action;

/**
 * In what a webhook's payload differs from what Microsoft shows, for whoever counts it; null: in nothing. It is never a veto: what Microsoft
 * shows counts (rule 1).
 */
export function disagreementOf(announced: Operation, answer: OperationAnswer): 'operation' | 'target' | null {
  if (answer.kind !== 'shown' || announced.status !== null) return null;
  if (!isAboutTheSame(announced, answer)) return 'operation';
  const target = targetOf({ ...answer, action: announced.action });
  const differs = (payload: unknown, shown: unknown) => payload !== null && shown !== null && payload !== shown;
  return differs(announced.planId, target.planId) || differs(announced.quantity, target.quantity) ? 'target' : null;
}

/** What was read takes the place of what was announced; what it leaves out does not (rule 1). */
function seenAs(known: Operation, shown: Shown): Operation {
  const target = targetOf({ ...shown, action: known.action });
  return {
    ...known,
    source: shown.source ?? known.source,
    planId: target.planId ?? known.planId,
    quantity: target.quantity ?? known.quantity,
    timeStamp: shown.timeStamp ?? known.timeStamp,
    status: shown.status,
    shownMs: known.shownMs ?? 0,
    goneMs: null,
    operationDate: shown.date,
    seenOpenAt: isOpen(shown.status) ? shown.date : known.seenOpenAt,
    ...(shown.failure && { failure: shown.failure }),
  };
}

const dateOf = (answer: OperationAnswer): string | null => (answer.kind === 'unanswered' ? null : answer.date);

const nameOf = ({ snapshot }: SubscriptionRead): string => stableId('snapshot', JSON.stringify(snapshot));

const published = (operation: Operation, read: SubscriptionRead | null): Operation =>
  read ? { ...operation, publishedSnapshot: nameOf(read) } : operation;

/** A snapshot is published where it differs from the last one of this operation. */
export function observed({ subscriptionId, publishedSnapshot }: Operation, read: SubscriptionRead | null): Effect[] {
  if (!read || nameOf(read) === publishedSnapshot) return [];
  return [subscriptionObserved({ subscriptionId, read, occasion: 'webhook', order: null, closes: [] })];
}

/** What is passed on of an operation that Microsoft does not show. */
export const announcementOf = ({ subscriptionId, operationId, action, source, planId, quantity, timeStamp, isRevert }: Operation) => ({
  ...{ subscriptionId, operationId, action, source, planId, quantity, timeStamp, isRevert },
});

const factsOf = (operation: Operation) => ({
  ...announcementOf(operation),
  registration: operation.registration,
  operationDate: operation.operationDate,
  seenOpenAt: operation.seenOpenAt,
  ...(operation.failure && { failure: operation.failure }),
});
