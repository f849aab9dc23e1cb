import type { PublicEvent } from '../landfall/services';
import { atStart, membersOf, type Members, type ModelMember } from '../microsoft/members';
import type { Change } from '../microsoft/microsoft';
import type { Operation } from '../microsoft/operation';

export type Value = Members[ModelMember] | null;

/** A change of one member that products were told. */
export interface ToldChange {
  readonly atMs: number;
  readonly event: PublicEvent;
  readonly from: Value;
  readonly to: Value;
}

/** The changes of a member that products were told: each public event has the whole state after it. */
export function toldChanges(events: readonly PublicEvent[], member: ModelMember): ToldChange[] {
  const changes: ToldChange[] = [];
  let from: Value = atStart[member];
  for (const event of events) {
    const to = membersOf(event.state)[member];
    if (to !== from) changes.push({ atMs: event.atMs, event, from, to });
    from = to;
  }
  return changes;
}

/** A value that a member had at Microsoft. */
export interface TrueValue {
  readonly sinceMs: number;
  readonly value: Value;
  readonly operation: Operation | null;
}

export const trueValues = (history: readonly Change[], member: ModelMember): TrueValue[] =>
  history.flatMap(({ atMs, changed, operation }) => (member in changed ? [{ sinceMs: atMs, value: changed[member]!, operation }] : []));
