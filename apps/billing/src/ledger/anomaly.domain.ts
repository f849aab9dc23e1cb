import { dayOf, type Hour } from './hours';
import type { BilledHour, Ledger, Origin } from './ledger';
import { centsOf, least, most, sumOf, type Micros } from './micros';

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

/** Late usage of an hour: what is billable of it, and in no event so far. */
export interface LateUse extends HourOfUse {
  readonly missing: Micros;
}

/**
 * Usage that came when its own hour was sealed already, or too old, is carried: what is billable of the hour beyond what was so when it was sealed, and what later hours say that they carry of
 * it. What is carried for another reason (Microsoft refused it) was sealed under its own hour before, so it does not count. `uses` are all of one dimension.
 * @param isConfirmed which later hours are taken for confirmed
 */
export function lateUses(
  ledger: Ledger,
  uses: readonly HourOfUse[],
  isConfirmed: (hour: BilledHour) => boolean = () => true,
): readonly LateUse[] {
  const [some] = uses;
  if (!some) return [];
  const placed = new Map<Hour, Micros>();
  const place = (hour: Hour, quantity: Micros) => placed.set(hour, (placed.get(hour) ?? 0n) + quantity);
  for (const hour of ledger.hours.filter((one) => isOf(some, one))) {
    for (const origin of hour.origins ?? [hour]) if (origin.hour === hour.hour || isConfirmed(hour)) place(origin.hour, origin.quantity);
  }
  return uses.map((use) => ({ ...use, missing: use.own - (placed.get(use.hour) ?? 0n) })).filter(({ missing }) => missing > 0n);
}

/**
 * The anomalous hours among those of late usage, and how much of it is to be confirmed. Nothing is where that is no more than a usual hour's use: of an hour that was confirmed a little
 * may come later still.
 */
export function lateAnomalies(
  ledger: Ledger,
  late: readonly LateUse[],
  limits: AnomalyLimits,
): { readonly hours: readonly Hour[]; readonly unconfirmed: Micros } {
  const found = late.filter((use) => isAnomalous(ledger, use, limits) && centsOf(use.missing, use.price) > 0n);
  const [some] = found;
  if (!some) return { hours: [], unconfirmed: 0n };
  const unconfirmed = sumOf(found.map(({ missing }) => missing));
  const usual = peakBefore(ledger.peaks[some.meter], Math.min(...found.map(({ hour }) => hour))) ?? 0n;
  return unconfirmed > usual ? { hours: found.map(({ hour }) => hour), unconfirmed } : { hours: [], unconfirmed: 0n };
}

/** Which late usage so much of an hour's quantity is: that of these hours first, then the oldest. */
export function originsOf(late: readonly LateUse[], first: readonly Hour[], carried: Micros): readonly Origin[] {
  const inOrder = [...late].sort(
    (one, other) => Number(first.includes(other.hour)) - Number(first.includes(one.hour)) || one.hour - other.hour,
  );
  const found: Origin[] = [];
  let left = carried;
  for (const { hour, missing } of inOrder) {
    const quantity = least(missing, left);
    if (quantity > 0n) found.push({ hour, quantity });
    left -= most(0n, quantity);
  }
  return found;
}

const isOf = ({ planId, dimension }: HourOfUse, hour: BilledHour): boolean =>
  hour.planId === planId && hour.dimension === dimension && hour.state !== 'returned';
