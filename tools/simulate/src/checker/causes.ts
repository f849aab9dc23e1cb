import type { PublicEvent } from '../landfall/services';
import { members } from '../microsoft/members';
import { memberOf, type Operation } from '../microsoft/operation';
import type { Run } from '../run';
import { second } from '../time';
import { seconds } from './flaps';
import { toldChanges, trueValues, type Told } from './public.values';
import type { Violation } from './violation';

/** Refused, asked for, or not done: it made nothing. */
const changesNothing: ReadonlySet<string> = new Set([
  'change-refused',
  'change-requested',
  'change-failed',
  'cancellation-requested',
  'cancellation-failed',
]);

/** So long a message may be on its way, through two topics with a backlog and a crash between them. */
export const longestHopMs = 100 * second;

/** An event that names an operation as its cause tells something that this operation made (rule 13). */
export function causes(run: Run): Violation[] {
  const changesOf = new Map<PublicEvent, Told[]>();
  for (const member of members)
    for (const change of toldChanges(run, member)) changesOf.set(change.event, [...(changesOf.get(change.event) ?? []), change]);
  return run.events.flatMap((event) => {
    const operation = run.operations.find(({ id }) => id === event.state.cause.operationId);
    if (!operation || operation.isLie || changesNothing.has(event.name)) return [];
    const changes = changesOf.get(event);
    const isTrue = changes ? changes.some((change) => hasMade(operation, change, run)) : explains(operation, event, run);
    return isTrue ? [] : [wrongCause(event, operation, run)];
  });
}

/** One event may tell several differences: its cause is that of one of them. */
const hasMade = (operation: Operation, { to, atMs }: Told, { history }: Run): boolean =>
  trueValues(history, memberOf[operation.action]).some((made) => made.operation === operation && made.value === to && made.sinceMs <= atMs);

/** An event without a change explains what has been told: the value is the one that the operation made, and made last by then. */
function explains(operation: Operation, { atMs }: PublicEvent, { history }: Run): boolean {
  const made = trueValues(history, memberOf[operation.action]).filter(
    ({ value, sinceMs }) => value === operation.target && sinceMs <= atMs,
  );
  return made.some((one) => one.operation === operation);
}

/** What nothing had told of cannot be named. A webhook that is delivered a moment before is still under way. */
function wrongCause({ atMs, name }: PublicEvent, { action, target, beganAtMs }: Operation, { history }: Run): Violation {
  const made = trueValues(history, memberOf[action]).findLast(({ value, sinceMs }) => value === target && sinceMs <= atMs);
  const toldMs = made?.operation?.firstDeliveredAtMs ?? Infinity;
  return {
    kind: toldMs < atMs - longestHopMs ? 'cause' : 'cause-untold',
    about: memberOf[action],
    explanation: `${seconds(atMs)} s: ${name} is told to come from ${action} of ${seconds(beganAtMs)} s`,
  };
}
