import { again, done, type EndOn } from '@landfall/messaging';
import { overtakenBy } from '../observation/overtaken.domain';
import { acknowledged, takenUpAgain, type Acknowledgement, type AcknowledgementAnswer } from './acknowledgement.domain';
import { firstLook, look, settled, type Looked, type Seen } from './look.domain';
import type { Pace } from './look.schedule';
import { isChange, type Operation } from './operation';
import { lookForUnnamed, type Outstanding } from './webhook.domain';

/** An acknowledgement that was sent, how it was answered, and how long Microsoft, or our own breaker, asks to wait. */
export interface Sent {
  readonly acknowledgement: Acknowledgement;
  readonly answer: AcknowledgementAnswer;
  readonly retryAfterMs: number;
}

/** What a look showed, and how long Microsoft asks to wait before the next one. */
export type Sighted = Seen & Outstanding & { readonly pace: Pace; readonly retryAfterMs: number };

/** What one run of the job that follows an operation did at Microsoft. */
export interface FollowRun {
  /** As it was known when the run began, with its ages from before the calls. */
  readonly operation: Operation;
  /** What Microsoft's list of outstanding operations said of it, where its webhook has not come. */
  readonly listed: Operation | null;
  /** Sent before the look, since it had been seen open a moment ago. */
  readonly sentAtOnce: Sent | null;
  /** Null where nothing was looked at. */
  readonly seen: Sighted | null;
  /** Sent after the look. */
  readonly sentAfterwards: Sent | null;
}

/**
 * Whether the subscription was read so shortly before that its end is not read beside once more: it was published with the first look, less than two seconds
 * ago, or nothing would have been sent at once. Only of a change: what gives access back is worth another look.
 */
export const isReadSpared = ({ action, publishedSnapshot }: Operation, sentAtOnce: Sent | null): boolean =>
  isChange(action) && sentAtOnce !== null && publishedSnapshot !== null;

/** What the look of a run shows to be due, on what is known before its end is recorded. */
export function dueAfter(run: FollowRun & { readonly seen: Sighted }): Acknowledgement | null {
  return lookedAt(run, afterSending(run, run.operation)).acknowledge;
}

/** The end of a run, on the row as it is by then: it may have been decided or answered meanwhile, or be new. */
export function endOfRun(run: FollowRun, found: Operation | undefined): EndOn<Operation> {
  const known = found && takenUpAgain(found, run.listed);
  if (known?.settled) return { effects: [], outcome: done() };
  const { operation, sentAtOnce, seen } = run;
  if (!seen) return sentAtOnce ? waitingFor(sentAtOnce, known ?? operation, []) : { effects: [], outcome: done() };
  const looked = lookedAt({ ...run, seen }, afterSending(run, known && withAgesOf(operation, known)));
  const effects = [...looked.effects, ...overtakenBy(seen.read)];
  if (run.sentAfterwards && !looked.operation.settled) return waitingFor(run.sentAfterwards, looked.operation, effects);
  return { state: looked.operation, effects, outcome: nextOf(looked, seen.retryAfterMs) };
}

/** It turned out to belong to another registration: it is looked at no more, unless its own registration's webhook has come meanwhile, and asked for the next look. */
export function endMisdirected(
  operation: Operation,
  listed: Operation | null,
  registration: string,
  found: Operation | undefined,
): EndOn<Operation> {
  const known = (found && takenUpAgain(found, listed)) ?? operation;
  if (known.settled || known.registration !== registration) return { effects: [], outcome: done() };
  const { operation: state, effects } = settled(known, known.status === null ? 'Invisible' : 'Vanished', null);
  return { state, effects, outcome: done() };
}

function lookedAt({ operation, seen }: FollowRun & { readonly seen: Sighted }, known: Operation | undefined): Looked {
  if (!known) return firstLook(operation, seen, seen.pace);
  return known.isUnnamed ? lookForUnnamed(known, seen, seen.pace) : look(known, seen, seen.pace);
}

const afterSending = ({ sentAtOnce }: FollowRun, known: Operation | undefined): Operation | undefined =>
  known && sentAtOnce ? acknowledged(known, sentAtOnce.answer).operation : known;

/** Whatever Microsoft answered, only reading the operation again shows what holds. */
function waitingFor(
  { acknowledgement, answer, retryAfterMs }: Sent,
  known: Operation,
  effects: EndOn<Operation>['effects'],
): EndOn<Operation> {
  const { operation, againAfterMs } = acknowledged(known, answer);
  const outcome = again({ afterMs: Math.max(againAfterMs, retryAfterMs) }, `Microsoft was sent ${acknowledgement}`);
  return { state: operation, effects, outcome };
}

function nextOf({ operation, acknowledge, againAfterMs }: Looked, retryAfterMs: number) {
  if (acknowledge) return again({ afterMs: 0 }, 'it was decided while it was looked at');
  return againAfterMs === null ? done() : again({ afterMs: Math.max(againAfterMs, retryAfterMs) }, reasonOf(operation));
}

/** The row as it is now with the ages from before the calls; what began while they were made has lasted no time. */
function withAgesOf({ ageMs, shownMs, goneMs }: Operation, known: Operation): Operation {
  const begun = (before: number | null, now: number | null) => (now === null ? null : (before ?? 0));
  return { ...known, ageMs, shownMs: begun(shownMs, known.shownMs), goneMs: begun(goneMs, known.goneMs) };
}

function reasonOf({ status, goneMs }: Operation): string {
  if (status === null) return 'Microsoft does not show the operation';
  return goneMs === null ? `Microsoft shows the operation as ${status}` : 'Microsoft does not show the operation any more';
}
