import type { PublicEvent } from '../landfall/services';
import { atStart, membersOf, type Members, type ModelMember } from '../microsoft/members';
import type { Change } from '../microsoft/microsoft';
import type { Operation } from '../microsoft/operation';

export type Value = Members[ModelMember] | null;

/** What a public event told of one member. */
export interface Told {
  readonly atMs: number;
  readonly event: PublicEvent;
  readonly from: Value;
  readonly to: Value;
}

/** What products were told of a member: each public event has the whole state after it. */
export function told(events: readonly PublicEvent[], member: ModelMember): Told[] {
  let known: Value = atStart[member];
  return events.map((event) => {
    const from = known;
    known = membersOf(event.state)[member];
    return { atMs: event.atMs, event, from, to: known };
  });
}

/** The changes of a member that products were told. */
export const toldChanges = (events: readonly PublicEvent[], member: ModelMember): Told[] =>
  told(events, member).filter(({ from, to }) => from !== to);

/** A value that a member had at Microsoft. */
export interface TrueValue {
  readonly sinceMs: number;
  readonly value: Value;
  readonly operation: Operation | null;
}

export const trueValues = (history: readonly Change[], member: ModelMember): TrueValue[] =>
  history.flatMap(({ atMs, changed, operation }) => (member in changed ? [{ sinceMs: atMs, value: changed[member]!, operation }] : []));
