import type { PublicEvent } from '../landfall/services';
import { troubleAt } from '../microsoft/trouble';
import { openOf, type Sweep } from '../reconciliation/sweeps';
import type { Run, WholeRun } from '../run';
import { hour, minute } from '../time';
import { seconds } from './flaps';
import { waits } from './rest';
import type { Kind, Violation } from './violation';

/** So many of so many are no accident: more than 5 % and more than three, or all of several. */
const isMass = (lost: number, known: number): boolean => (lost > 3 && lost > known * 0.05) || (known > 1 && lost === known);

/** Every subscription of the publisher, with the name that sweeps have for it. */
const each = ({ ids, siblings, ...run }: WholeRun): (readonly [id: string, run: Run])[] =>
  [run, ...siblings].map((one, index) => [ids[index]!, one] as const);

const violation = (kind: Kind, about: string, explanation: string): Violation => ({ kind, about, explanation });

/** Those that a sweep found to be lost, of those about which nobody had answered. What it has only just imported is no loss of what was known. */
function lostIn(sweep: Sweep, run: WholeRun): string[] {
  const isImport = ([first]: Run['events']) => first?.name === 'purchased' && first.atMs >= sweep.startedMs;
  const endedByIt = each(run).flatMap(([id, { events }]) => (endOf(events)?.sweep === sweep.id && !isImport(events) ? [id] : []));
  const known = [...new Set([...sweep.alive, ...endedByIt])].filter((id) => !sweep.expected.has(id));
  return known.filter((id) => !sweep.listed.has(id) || sweep.shownEnded.has(id));
}

const endOf = (events: readonly PublicEvent[]): PublicEvent | undefined => events.find(({ name }) => name === 'unsubscribed');

/** The first event that tells of the end, also of one that was taken over with it. */
const endToldBy = (events: readonly PublicEvent[]): PublicEvent | undefined => events.find(({ state }) => state.status === 'Unsubscribed');

/** An operator had let it through, and the record took its time: a sweep that reads it meanwhile tells it once more. */
const isLetThrough = (id: string, end: PublicEvent, { sweeps }: WholeRun): boolean =>
  sweeps.some(({ answers, answeredMs, handedOver }) => answers.loss === 'released' && answeredMs.loss! <= end.atMs && handedOver.has(id));

/** What ends by a sweep was kept back until the sweep was complete, and where many are lost, until an operator let it through. */
export function ends(run: WholeRun): Violation[] {
  return each(run).flatMap(([name, { events }]) => {
    const end = endOf(events);
    const sweep = end?.sweep && run.sweeps.find(({ id }) => id === end.sweep);
    if (!end || !sweep || isLetThrough(name, end, run)) return [];
    const at = `${seconds(end.atMs)} s: ended by sweep ${sweep.number}`;
    if (sweep.state !== 'complete' || end.atMs < sweep.endedMs!)
      return [violation('ended-unasked', 'sweep', `${at}, which was not complete`)];
    const lost = lostIn(sweep, run).length;
    if (!isMass(lost, sweep.alive.length)) return [];
    if (sweep.answers.loss === 'released' && end.atMs >= sweep.answeredMs.loss!) return [];
    return [
      violation('ended-unasked', 'loss', `${at}, which had lost ${lost} of ${sweep.alive.length}, and no operator had let it through`),
    ];
  });
}

/**
 * Whether the record has ended a subscription that had not ended at Microsoft, while Get said so: of one that no sweep read, or that was one of few, nobody can tell. All
 * that follows from it is no fault either.
 */
export function endedAsShown(run: Run): Violation[] {
  const end = endToldBy(run.events);
  const { trouble } = run.scenario.publisher;
  const isTrue = run.history.some(({ atMs, members }) => members.status === 'Unsubscribed' && atMs <= (end?.atMs ?? -Infinity));
  const isShown = end && [0, hour].some((agoMs) => troubleAt(trouble, end.atMs - agoMs)) && trouble?.kind === 'shown as ended';
  if (!end || isTrue || !isShown) return [];
  return [violation('ended-as-shown', 'status', `${seconds(end.atMs)} s: it is told to have ended, as Get says`)];
}

/** An operator is asked where many are lost, and nowhere else; and no question stays open when its cause is gone. */
export function questions(run: WholeRun): Violation[] {
  const complete = run.sweeps.filter(({ state }) => state === 'complete');
  return complete.flatMap((sweep) => {
    const lost = lostIn(sweep, run).length;
    const isLoss = isMass(lost, sweep.alive.length);
    const isAsked = sweep.asks.includes('loss');
    const isBeingReleased = complete.some(
      ({ answers, answeredMs }) => answers.loss === 'released' && Math.abs(answeredMs.loss! - sweep.endedMs!) < hour,
    );
    const found = `sweep ${sweep.number} has lost ${lost} of ${sweep.alive.length}`;
    return [
      ...(isLoss && !isAsked && !isBeingReleased ? [violation('question', 'unasked', `${found}, and nobody is asked`)] : []),
      ...(!isLoss && isAsked ? [violation('question', 'needless', `${found}, and an operator is asked`)] : []),
      ...(openOf(sweep).length > 0 && (sweep !== complete.at(-1) || run.endMs - sweep.endedMs! > hour)
        ? [violation('question', 'open', `sweep ${sweep.number} asks about ${openOf(sweep).join(' and ')}, and that is over`)]
        : []),
    ];
  });
}

/** What three complete sweeps in a row did not show is told, once each time. */
export function missing(run: WholeRun): Violation[] {
  return run.ids.flatMap((id, number) => {
    let missed = 0;
    return run.sweeps.flatMap((sweep) => {
      if (sweep.listed.has(id)) missed = 0;
      const isMissing = sweep.state === 'complete' && !sweep.listed.has(id) && sweep.alive.includes(id);
      if (isMissing) missed++;
      const isTold = sweep.toldMissing.includes(id);
      if (isTold === (isMissing && missed === 3)) return [];
      return [violation('missing', isTold ? 'untrue' : 'untold', `sweep ${sweep.number}: ${number} is missing for the ${missed}. time`)];
    });
  });
}

/** What a sweep found is told as that, where no operation explains it; and nothing else is. */
export function sweepCauses({ events }: Run): Violation[] {
  return events.flatMap(({ atMs, name, sweep, state: { cause } }) => {
    const isFound = cause.source === 'reconciliation';
    if (cause.operationId !== undefined || isFound === (sweep !== null)) return [];
    return [
      violation('sweep-cause', cause.source, `${seconds(atMs)} s: ${name} ${sweep ? 'was found by a sweep' : 'was found by no sweep'}`),
    ];
  });
}

/** Nothing that nobody knows here is imported before an operator allowed it, or a complete sweep had found nothing of that kind. */
export function imports(run: WholeRun): Violation[] {
  return each(run).flatMap(([, { events, operations, scenario }]) => {
    const [first] = events;
    const sweep = first?.sweep && run.sweeps.find(({ id }) => id === first.sweep);
    if (!sweep || scenario.begins !== 'unknown' || first.name !== 'purchased') return [];
    const isAnnounced = operations.some(({ firstDeliveredAtMs, fate }) => firstDeliveredAtMs !== null || fate.astrayMs !== null);
    const isAllowed = run.scenario.publisher.mayImport || sweep.mayImport || sweep.answers.import === 'released';
    return isAnnounced || isAllowed
      ? []
      : [violation('import-unasked', 'purchased', `${seconds(first.atMs)} s: imported by sweep ${sweep.number}`)];
  });
}

/** What an operator has let through, and Get still showed as ended, is not asked about again. Where its answer said nothing of that, the next sweep asks anew. */
export function askedAgain(run: WholeRun): Violation[] {
  return run.sweeps.flatMap((sweep) => {
    if (sweep.answers.loss !== 'released') return [];
    const later = run.sweeps.filter(({ asks, startedMs }) => asks.includes('loss') && startedMs > sweep.answeredMs.loss!);
    const again = later.filter(({ keptBack, alive }) => keptBack.some((id) => sweep.handedOver.has(id) && alive.includes(id)));
    return again.map(({ number }) =>
      violation('question', 'again', `sweep ${number} asks again about what was let through of sweep ${sweep.number}`),
    );
  });
}

/** At rest the list and the record agree: a sweep that reads what differs has nothing to tell. */
export function restless(run: WholeRun): Violation[] {
  const last = run.sweeps.at(-1);
  if (!last || last.isWhole || last.state !== 'complete') return [];
  const told = each(run).filter(([id, one]) => last.published.has(id) && endedAsShown(one).length === 0);
  return told.length === 0 ? [] : [violation('restless', 'sweep', `the last sweep still tells of ${told.length} subscriptions`)];
}

/** Each sweep ends, and each step of it. */
export const sweepWaits = ({ sweepJobs, sweeps, endMs }: WholeRun): Violation[] =>
  waits({
    endMs: endMs - 30 * minute,
    waits: [
      ...sweepJobs,
      ...sweeps.flatMap(({ state, startedMs }) => (state === 'running' ? [{ what: 'the end of a sweep', sinceMs: startedMs }] : [])),
    ],
  });
