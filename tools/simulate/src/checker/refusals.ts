import type { PublicEvent } from '../landfall/services';
import { nameOf, type Operation } from '../microsoft/operation';
import type { Run } from '../run';
import { seconds } from './flaps';
import type { Violation } from './violation';

/** A refusal is told where Microsoft's operation has failed, and only there; what Microsoft did although we had refused it says so (rule 8). */
export function refusals(run: Run): Violation[] {
  return [...run.events.flatMap((event) => aboutEvent(event, run)), ...untold(run)];
}

function aboutEvent(event: PublicEvent, run: Run): Violation[] {
  const { name, state, atMs } = event;
  const operation = run.operations.find(({ id }) => id === state.cause.operationId);
  const wasRefused = operation !== undefined && isRefused(operation, run, atMs);
  const at = `${seconds(atMs)} s: ${name}`;
  if (name === 'change-refused') {
    if (operation && wasRefused && hasFailed(operation, atMs)) return [];
    const about = operation ? `${nameOf(operation)} ${operation.statuses.at(-1)!.status}` : 'no operation';
    return [
      { kind: 'refusal-untrue', about: 'change-refused', explanation: `${at} for ${about}, ${wasRefused ? '' : 'not '}refused by us` },
    ];
  }
  if (!changes.has(name) || (state.overruled === true) === wasRefused) return [];
  const explanation = `${at}, ${wasRefused ? 'which we had refused' : 'which nobody had refused'}, overruled ${String(state.overruled)}`;
  return [{ kind: 'overruled-untold', about: name, explanation }];
}

/** Where Microsoft shows that what we refused has failed, that is told, and once. */
function untold(run: Run): Violation[] {
  if (run.history.at(-1)!.members.status === 'Unsubscribed') return [];
  return run.operations
    .filter((operation) => isRefused(operation, run, run.endMs) && hasFailed(operation, run.endMs) && isShown(operation))
    .flatMap((operation) => {
      const times = run.events.filter(({ name, state }) => name === 'change-refused' && state.cause.operationId === operation.id).length;
      const explanation = `the refusal of ${nameOf(operation)} is told ${times} times`;
      return times === 1 ? [] : [{ kind: 'refusal-untold' as const, about: operation.action, explanation }];
    });
}

const changes: ReadonlySet<string> = new Set(['plan-changed', 'quantity-changed']);

const isRefused = ({ id }: Operation, { verdicts }: Run, byMs: number): boolean =>
  verdicts.some(({ operationId, verdict, atMs }) => operationId === id && verdict === 'refused' && atMs <= byMs);

const hasFailed = ({ statuses }: Operation, byMs: number): boolean =>
  statuses.some(({ status, atMs }) => status === 'Failed' && atMs <= byMs);

/** What is not shown, or not to its end, ends with a read. */
const isShown = ({ fate: { shownFromMs, goneFromMs, isShownOpenForEver } }: Operation): boolean =>
  shownFromMs === 0 && goneFromMs === Infinity && !isShownOpenForEver;
