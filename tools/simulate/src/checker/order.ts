import { toldChanges } from './public.values';
import type { Violation } from './violation';
import type { Run } from '../run';
import { seconds } from './flaps';

/** `renewed` once per term (rule 4). */
export function renewedTwice({ events }: Run): Violation[] {
  const told = new Set<string>();
  return events
    .filter(({ name }) => name === 'renewed')
    .flatMap(({ atMs, state }) => {
      const term = state.term?.startDate ?? 'none';
      const isKnown = told.has(term);
      told.add(term);
      return isKnown
        ? [{ kind: 'renewed-twice' as const, about: 'term', explanation: `${seconds(atMs)} s: ${term} was renewed before` }]
        : [];
    });
}

/** Nothing revives a subscription that has ended (rule 3). */
export function revived(run: Run): Violation[] {
  return toldChanges(run, 'status')
    .filter(({ from }) => from === 'Unsubscribed')
    .map(({ atMs, to }) => ({ kind: 'revived', about: 'status', explanation: `${seconds(atMs)} s: ${String(to)} after the end` }));
}

/** Products see by the sequence what they missed: it has no gaps. */
export function gaps({ events }: Run): Violation[] {
  return events.flatMap(({ atMs, sequence }, index) => {
    const before = events[index - 1]?.sequence;
    if (before === undefined || sequence === before + 1) return [];
    return [{ kind: 'sequence' as const, about: 'sequence', explanation: `${seconds(atMs)} s: ${sequence} comes after ${before}` }];
  });
}
