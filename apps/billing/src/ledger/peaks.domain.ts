import { ANOMALY, lateAnomalies, lateUses, type AnomalyLimits } from './anomaly.domain';
import { dayOf, DAY_MS, hourOf, loadedFrom, type Hour, type Instant } from './hours';
import type { BilledHour, Ledger } from './ledger';
import { centsOf, most, type Micros } from './micros';
import { dueOf, billedOf, openHours, usesOf, type Moment, type SealingPace } from './sealing.domain';
import { currentOf } from './timeline';

export interface PeakRules {
  readonly pace: SealingPace;
  readonly anomaly: AnomalyLimits;
  /** How many days of peaks count. */
  readonly peakDays: number;
}

/** What is known for the next looks at a ledger. */
export interface Known {
  readonly peaks: Ledger['peaks'];
  readonly lateFrom: Hour | null;
}

/** So far back a ledger is loaded at most: what is older counts for no peak any more. */
const LATE_DAYS = 31;
export const oldestLate = (now: Instant): Instant => now - LATE_DAYS * DAY_MS;

/**
 * By meter and day: the most that was used in an hour, once what is due of the ledger is sealed. Hours that wait for nothing any more count, those in shadow too, but none that is held or written
 * off as an anomaly: what nobody has confirmed would make the same excess usual on the next day. So a ledger is loaded since the oldest hour that waits for that. A correction lowers the
 * peak of a day whose hours are all loaded; later it does not, so that the peak of such a day may be too high.
 */
export function knownAfter(ledger: Ledger, moment: Moment, rules: PeakRules): Known {
  const { pace, peakDays } = rules;
  const first = dayOf(moment.now - peakDays * DAY_MS);
  const from = Math.min(loadedFrom(moment.now, pace.deadlineMs), ledger.lateFrom ?? Infinity);
  const loaded = dayOf(from - 1); // of this day an hour is missing
  const last = currentOf(ledger.timeline)?.status === 'Suspended' ? undefined : openHours(ledger, moment, pace).at(-1);
  const peaks: Record<string, Record<string, Micros>> = {};
  for (const [meter, days] of Object.entries(ledger.peaks))
    peaks[meter] = Object.fromEntries(Object.entries(days).filter(([day]) => day >= first && (last === undefined || day <= loaded)));
  const oldest = hourOf(oldestLate(moment.now));
  if (last === undefined) return { peaks, lateFrom: ledger.lateFrom ?? unseenFrom(ledger, oldest) };
  const unconfirmed = unconfirmedOf(ledger, moment, rules);
  for (const { meter, hour, used } of usedOf(ledger)) {
    const day = dayOf(hour);
    if (day < first || hour < from || hour > last || used <= 0n || unconfirmed.hours.has(`${meter}/${hour}`)) continue;
    const days = (peaks[meter] ??= {});
    days[day] = most(used, days[day] ?? 0n);
  }
  return { peaks, lateFrom: unconfirmed.from === null ? null : Math.max(unconfirmed.from, oldest) };
}

/** Where nothing could be looked at and something is due: the oldest hour of use that is loaded, so that it is looked at once Microsoft takes usage again. */
function unseenFrom(ledger: Ledger, oldest: Hour): Hour | null {
  const isDue = billedOf(ledger).some(({ planId, meter, dimensions }) =>
    dimensions.some((dimension) => dueOf(ledger, { planId, meter, dimension }) !== null),
  );
  const hours = ledger.buckets.map(({ hour }) => hour);
  return isDue && hours.length > 0 ? Math.max(Math.min(...hours), oldest) : null;
}

/** `hours`: those that are held or written off as an anomaly, or that late usage has made one, as `meter/hour`. `from`: the oldest of which one is held, or late usage is in no event so far. */
function unconfirmedOf(
  ledger: Ledger,
  moment: Moment,
  { pace, anomaly }: PeakRules,
): { readonly hours: ReadonlySet<string>; readonly from: Hour | null } {
  const stopped = ledger.hours.filter(isStopped);
  const found = new Set(stopped.map(({ meter, hour }) => `${meter}/${hour}`));
  const open = stopped
    .filter(({ state }) => state === 'held')
    .flatMap(({ hour, origins }) => [hour, ...(origins ?? []).map((one) => one.hour)]);
  const ready = openHours(ledger, moment, pace);
  for (const { planId, meter, dimensions } of billedOf(ledger))
    for (const dimension of dimensions)
      for (const inShadow of [false, true]) {
        const uses = usesOf({ ledger, moment, pace, planId, meter, dimension, ready, inShadow });
        const unplaced = lateAnomalies(ledger, lateUses(ledger, uses), anomaly);
        const unconfirmed = lateAnomalies(
          ledger,
          lateUses(ledger, uses, (hour) => !isStopped(hour)),
          anomaly,
        );
        for (const hour of unconfirmed.hours) found.add(`${meter}/${hour}`);
        const due = dueOf(ledger, { planId, meter, dimension })?.quantity ?? 0n; // a credit takes it, too, and what was written off
        if (!inShadow && centsOf(due, uses[0]?.price ?? null) > 0n) open.push(...unplaced.hours);
      }
  return { hours: found, from: open.length > 0 ? Math.min(...open) : null };
}

const isStopped = ({ state, reason }: BilledHour): boolean => reason === ANOMALY && state !== 'shadowed';

/** What was counted by meter and the hour under which it is reported. Where nobody knows what its plan includes, nothing of it was looked at. */
function usedOf({ buckets, rates }: Ledger): Iterable<{ readonly meter: string; readonly hour: Hour; readonly used: Micros }> {
  const found = new Map<string, { meter: string; hour: Hour; used: Micros }>();
  for (const { meter, rated } of buckets)
    for (const part of rated) {
      if (part.kind !== 'counted' || !rates[part.planId]) continue;
      const key = `${meter}/${part.billedIn}`;
      found.set(key, { meter, hour: part.billedIn, used: (found.get(key)?.used ?? 0n) + part.quantity });
    }
  return found.values();
}
