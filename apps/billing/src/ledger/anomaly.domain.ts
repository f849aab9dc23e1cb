import { dayOf, type Hour } from './hours';
import type { BilledHour, Ledger } from './ledger';
import { centsOf, most, sumOf, type Micros } from './micros';

/** Why an hour is held that an operator has to confirm. */
export const ANOMALY = 'anomaly';

/** What counts as an anomaly: both have to hold. */
export interface AnomalyLimits {
  /** Times the most that was used in an hour of the last 30 days. */
  readonly factor: bigint;
  /** More than so many cents. */
  readonly cents: bigint;
}

/** What was used of one meter in one hour, and what of it is billable in one dimension. */
export interface HourOfUse extends Pick<BilledHour, 'planId' | 'meter' | 'dimension' | 'hour'> {
  readonly used: Micros;
  /** What is billable of it. */
  readonly own: Micros;
  readonly price: string | null;
}

/** Only what was used in the hour counts: what is carried into it is no anomaly. */
export function isAnomalous({ peaks }: Ledger, { meter, hour, used, own, price }: HourOfUse, { factor, cents }: AnomalyLimits): boolean {
  if (own <= 0n || centsOf(own, price) <= cents) return false;
  const peak = peakBefore(peaks[meter], hour);
  return peak === undefined || used > factor * peak;
}

/** The most that was used in an hour of the days before; undefined where there is no history. */
function peakBefore(peaks: Readonly<Record<string, Micros>> = {}, hour: Hour): Micros | undefined {
  const day = dayOf(hour);
  const before = Object.entries(peaks).filter(([one]) => one < day);
  return before.length === 0 ? undefined : before.map(([, peak]) => peak).reduce(most);
}

/**
 * Usage that came when its own hour was sealed already, or too old, is carried, but it is looked at as usage of its own hour: of the anomalous hours among them, what is billable
 * beyond what was sealed under them, and has not gone into a later hour so far. What was carried for another reason (Microsoft refused it) was sealed under its own hour before, so it does
 * not count. Nor does what is left where that is no more than a usual hour's use: late usage of a later hour looks the same. `uses` are all of one dimension. A later hour that carried
 * something else hides as much of it: no row says why an hour's units were carried.
 * @param isLate which of the hours have no event to come
 * @param isConfirmed which later hours are taken for confirmed
 */
export function lateAnomalies(
  ledger: Ledger,
  uses: readonly HourOfUse[],
  limits: AnomalyLimits,
  isLate: (use: HourOfUse) => boolean = () => true,
  isConfirmed: (hour: BilledHour) => boolean = () => true,
): { readonly hours: readonly Hour[]; readonly unconfirmed: Micros } {
  const late = uses
    .filter((use) => isLate(use) && isAnomalous(ledger, use, limits))
    .map((use) => ({ ...use, missing: use.own - sealedOf(ledger, use) }))
    .filter(({ missing, price }) => missing > 0n && centsOf(missing, price) > 0n);
  const [some] = late;
  if (!some) return { hours: [], unconfirmed: 0n };
  const first = Math.min(...late.map(({ hour }) => hour));
  const ownOf = new Map(uses.map(({ hour, own }) => [hour, own]));
  const carried = ledger.hours
    .filter((hour) => isOf(some, hour) && hour.hour > first && isConfirmed(hour))
    .map(({ hour, quantity }) => most(0n, quantity - most(0n, ownOf.get(hour) ?? 0n)));
  const unconfirmed = sumOf(late.map(({ missing }) => missing)) - sumOf(carried);
  const usual = peakBefore(ledger.peaks[some.meter], first) ?? 0n;
  const isAny = unconfirmed > usual && centsOf(unconfirmed, some.price) > 0n;
  return isAny ? { hours: late.map(({ hour }) => hour), unconfirmed } : { hours: [], unconfirmed: 0n };
}

/** What was sealed under the hour itself. */
const sealedOf = ({ hours }: Ledger, use: HourOfUse): Micros =>
  sumOf(hours.filter((one) => isOf(use, one) && one.hour === use.hour).map(({ quantity }) => quantity));

const isOf = ({ planId, dimension }: HourOfUse, hour: BilledHour): boolean =>
  hour.planId === planId && hour.dimension === dimension && hour.state !== 'returned';
