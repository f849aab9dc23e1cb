import type { AnomalyLimits } from './anomaly.domain';
import { dayOf, DAY_MS, loadedFrom, type Hour } from './hours';
import type { Ledger } from './ledger';
import { most, type Micros } from './micros';
import { openHours, unconfirmedHours, type Moment, type SealingPace } from './sealing.domain';
import { currentOf } from './timeline';

export interface PeakRules {
  readonly pace: SealingPace;
  readonly anomaly: AnomalyLimits;
  /** How many days of peaks count. */
  readonly peakDays: number;
}

/**
 * By meter and day: the most that was used in an hour, once what is due of the ledger is sealed. Hours that wait for nothing any more count, those in shadow too, but none that is held or written
 * off as an anomaly: what nobody has confirmed would make the same excess usual on the next day. A confirmed hour counts, where it is confirmed while it is still loaded. A correction lowers the
 * peak of a day whose hours are all loaded (`loadedFrom`); later it does not, so that the peak of such a day may be too high.
 */
export function peaksAfter(ledger: Ledger, moment: Moment, rules: PeakRules): Ledger['peaks'] {
  const { pace, anomaly, peakDays } = rules;
  const first = dayOf(moment.now - peakDays * DAY_MS);
  const from = loadedFrom(moment.now, pace.deadlineMs);
  const loaded = dayOf(from - 1); // of this day an hour is missing
  const last = currentOf(ledger.timeline)?.status === 'Suspended' ? undefined : openHours(ledger, moment, pace).at(-1);
  const peaks: Record<string, Record<string, Micros>> = {};
  for (const [meter, days] of Object.entries(ledger.peaks))
    peaks[meter] = Object.fromEntries(Object.entries(days).filter(([day]) => day >= first && (last === undefined || day <= loaded)));
  if (last === undefined) return peaks; // nothing was looked at
  const unconfirmed = unconfirmedHours(ledger, moment, pace, anomaly);
  for (const { meter, hour, used } of usedOf(ledger)) {
    const day = dayOf(hour);
    if (hour < from || hour > last || used <= 0n || unconfirmed.has(`${meter}/${hour}`)) continue;
    const days = (peaks[meter] ??= {});
    days[day] = most(used, days[day] ?? 0n);
  }
  return peaks;
}

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
