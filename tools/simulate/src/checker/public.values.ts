import type { PublicEvent } from '../landfall/services';
import { membersOf, type Members, type ModelMember } from '../microsoft/members';
import type { Change } from '../microsoft/microsoft';
import type { Operation } from '../microsoft/operation';
import type { Run } from '../run';

export type Value = Members[ModelMember] | null;

/** What a public event told of one member. */
export interface Told {
  readonly atMs: number;
  readonly event: PublicEvent;
  readonly from: Value;
  readonly to: Value;
}

/** What products were told, and what was true. */
export type Public = Pick<Run, 'events' | 'history'>;

/** Microsoft's first answer may leave out how many seats there are, and whose they are: products read that nobody has said it yet (rule 1). */
const isSaid = (member: ModelMember, value: Value): boolean => value !== null && (value !== '' || member === 'term');

/** What products were told of a member: each public event has the whole state after it. */
export function told({ events, history }: Public, member: ModelMember): Told[] {
  let known: Value = history[0]!.members[member];
  return events.map((event) => {
    const from = known;
    const said = membersOf(event.state)[member];
    if (isSaid(member, said)) known = said;
    return { atMs: event.atMs, event, from, to: known };
  });
}

/** The changes of a member that products were told. */
export const toldChanges = (run: Public, member: ModelMember): Told[] => told(run, member).filter(({ from, to }) => from !== to);

/** A value that a member had at Microsoft. */
export interface TrueValue {
  readonly sinceMs: number;
  readonly value: Value;
  readonly operation: Operation | null;
}

export const trueValues = (history: readonly Change[], member: ModelMember): TrueValue[] =>
  history.flatMap(({ atMs, changed, operation }) => (member in changed ? [{ sinceMs: atMs, value: changed[member]!, operation }] : []));
