import { members, type ModelMember } from '../microsoft/members';
import { isChange } from '../microsoft/operation';
import type { Run } from '../run';
import { second } from '../time';
import { toldChanges, trueValues, type Told, type Value } from './public.values';

/** How well a run went where there is no right and wrong. All times are milliseconds. */
export interface Measures {
  readonly changes: number;
  readonly events: number;
  /** What products were told of our refusals: that a change failed by one, and that Microsoft did it all the same. */
  readonly refused: number;
  readonly overruled: number;
  readonly activated: number;
  /** From the delivery of a webhook, or from the change where that was later, until products were told. */
  readonly convergedMs: Readonly<Record<Announcement, readonly number[]>>;
  /** From the beginning of a change to our PATCH, for those whose webhook came within two seconds. */
  readonly patchedMs: readonly number[];
  /** Products were told less than the customer had paid for: suspended or ended, and Microsoft says Subscribed. */
  readonly accessDeniedMs: number;
  /** Products were told more than the customer had. */
  readonly accessGivenMs: number;
  readonly subscriptionReads: number;
  readonly operationReads: number;
}

/** `shown`: a webhook came, and Get Operation shows its operation. `hidden`: it came, and the operation is not shown, or not for long. `none`: nothing came. */
export type Announcement = 'shown' | 'hidden' | 'none';

export function measure(run: Run): Measures {
  const { history, events, reads } = run;
  const convergedMs: Record<Announcement, number[]> = { shown: [], hidden: [], none: [] };
  for (const member of members) for (const { announcement, afterMs } of converged(run, member)) convergedMs[announcement].push(afterMs);
  return {
    ...{
      changes: history.length - 1,
      events: events.length,
      ...toldOf(events),
      convergedMs,
      patchedMs: patchedMs(run),
      ...wrongAccess(run),
    },
    ...{ subscriptionReads: reads.subscription, operationReads: reads.operation },
  };
}

const toldOf = (events: Run['events']) => ({
  refused: events.filter(({ name }) => name === 'change-refused').length,
  overruled: events.filter(({ state }) => state.overruled).length,
  activated: events.filter(({ name }) => name === 'activated').length,
});

/** How long each change took to be told. One that was overtaken before it was told is left out: products never need to know of it. */
function converged(run: Run, member: ModelMember): { announcement: Announcement; afterMs: number }[] {
  const { history, endMs } = run;
  const told = toldChanges(run, member);
  const truth = trueValues(history, member);
  return truth.slice(1).flatMap(({ value, sinceMs, operation }, index): { announcement: Announcement; afterMs: number }[] => {
    const next = truth[index + 2];
    const toldMs = toldFrom(told, value, sinceMs);
    if (next && toldMs >= next.sinceMs) return [];
    const deliveredMs = operation?.firstDeliveredAtMs ?? null;
    if (deliveredMs === null) return [{ announcement: 'none', afterMs: Math.min(toldMs, endMs) - sinceMs }];
    const { shownFromMs, goneFromMs, isShownOpenForEver } = operation!.fate;
    const isHidden = shownFromMs > 0 || goneFromMs < Infinity || isShownOpenForEver;
    const afterMs = Math.max(0, Math.min(toldMs, endMs) - Math.max(sinceMs, deliveredMs));
    return [{ announcement: isHidden ? 'hidden' : 'shown', afterMs }];
  });
}

/** The first moment from `sinceMs` on at which products know this value; infinite where they never do. */
function toldFrom(told: readonly Told[], value: Value, sinceMs: number): number {
  const before = told.findLast(({ atMs }) => atMs <= sinceMs);
  const known = before ? before.to : (told[0]?.from ?? value);
  return known === value ? sinceMs : (told.find(({ atMs, to }) => atMs > sinceMs && to === value)?.atMs ?? Infinity);
}

const patchedMs = ({ operations }: Run): number[] =>
  operations.flatMap((operation) => {
    const { beganAtMs, firstDeliveredAtMs, patchedAtMs } = operation;
    const isPrompt = firstDeliveredAtMs !== null && firstDeliveredAtMs - beganAtMs < 2 * second;
    return isPrompt && isChange(operation) && patchedAtMs !== null ? [patchedAtMs - beganAtMs] : [];
  });

function wrongAccess(run: Run): Pick<Measures, 'accessDeniedMs' | 'accessGivenMs'> {
  const { history, endMs } = run;
  const truth = trueValues(history, 'status').map(({ sinceMs, value }) => ({ atMs: Math.max(0, sinceMs), truth: value }));
  const told = toldChanges(run, 'status').map(({ atMs, to }) => ({ atMs, told: to }));
  const points = [...truth, ...told, { atMs: endMs }].sort((one, other) => one.atMs - other.atMs);
  let accessDeniedMs = 0;
  let accessGivenMs = 0;
  const first = history[0]!.members.status;
  let before: { atMs: number; truth: unknown; told: unknown } = { atMs: 0, truth: first, told: first };
  for (const point of points) {
    const lastedMs = point.atMs - before.atMs;
    if (before.truth !== before.told && before.truth === 'Subscribed') accessDeniedMs += lastedMs;
    if (before.truth !== before.told && before.told === 'Subscribed') accessGivenMs += lastedMs;
    before = { ...before, ...point };
  }
  return { accessDeniedMs, accessGivenMs };
}
