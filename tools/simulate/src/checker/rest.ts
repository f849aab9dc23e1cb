import { members, membersOf } from '../microsoft/members';
import type { Run } from '../run';
import { minute } from '../time';
import { seconds } from './flaps';
import type { Violation } from './violation';

/** Where the record is not what Microsoft's subscription is, when everything has had the time to end. */
export function rest({ history, record }: Run): Violation[] {
  const truth = history.at(-1)!.members;
  return members.flatMap((member) => {
    if (record[member] === truth[member]) return [];
    const kind = truth.status === 'Unsubscribed' && member !== 'status' ? 'rest-after-end' : 'rest';
    return [{ kind, about: member, explanation: `${member} is ${String(record[member])}, at Microsoft ${String(truth[member])}` }];
  });
}

/** What products were told last is what the record says. */
export function toldOtherwise({ events, record }: Run): Violation[] {
  const last = events.at(-1);
  if (!last) return [];
  const told = membersOf(last.state);
  return members
    .filter((member) => told[member] !== record[member])
    .map((member) => ({
      kind: 'told-otherwise',
      about: member,
      explanation: `${String(told[member])} was told, the record has ${String(record[member])}`,
    }));
}

/** Every wait has a limit, and none is longer than this but those of rule 10. */
const longestWaitMs = 30 * minute;

export const waits = ({ waits, endMs }: Pick<Run, 'waits' | 'endMs'>): Violation[] =>
  waits
    .filter(({ sinceMs }) => endMs - sinceMs > longestWaitMs)
    .map(({ what, sinceMs }) => ({
      kind: 'wait',
      about: what.replace(/ [0-9a-f-]{36}.*/, ''),
      explanation: `${what} is awaited since ${seconds(sinceMs)} s`,
    }));
