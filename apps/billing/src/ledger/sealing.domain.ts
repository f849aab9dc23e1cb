import { asReported, asShadowed, billableOf, isCounted, placedOf, type CountedAccount } from './account.domain';
import { ANOMALY, isAnomalous, lateAnomalies, type AnomalyLimits, type HourOfUse } from './anomaly.domain';
import { endOf, HOUR_MS, hourOf, loadedFrom, type Hour, type Instant } from './hours';
import type { Account, BilledHour, Ledger, Share } from './ledger';
import { centsOf, least, most, sumOf, wholeCentsOf, type Micros } from './micros';
import { isShadow } from './mode.domain';
import { effectiveStartOf, ownerOf } from './rating.domain';
import { confirmedUntil, currentOf, endedAt } from './timeline';

/** When usage is handed over, in milliseconds: settings of this service. */
export interface SealingPace {
  /** So long after an hour late records are waited for (`USAGE_GRACE`). */
  readonly graceMs: number;
  /** So long after the end of a subscription (`USAGE_FINAL_GRACE`). */
  readonly finalGraceMs: number;
  /** From the beginning of an event to its deadline (`USAGE_DEADLINE`): less than Microsoft's 24 h (contract 6.3, 2). */
  readonly deadlineMs: number;
  /** So long before its deadline an hour waits for nothing any more. */
  readonly lastCallMs: number;
}

export interface Moment {
  /** Business time. */
  readonly now: Instant;
  /** All records and events about the subscription that Kafka had before this instant have been read. */
  readonly readUntil: Instant;
}

/** What was found due, and may be handed over now: each a key that has never been used. */
export type Sealing = (ledger: Ledger, moment: Moment) => readonly BilledHour[];

export const sealing =
  (pace: SealingPace, anomaly: AnomalyLimits): Sealing =>
  (ledger, moment) => {
    const { timeline } = ledger;
    if (currentOf(timeline)?.status === 'Suspended') return []; // Microsoft takes none now; it waits for the reinstatement
    const hours = openHours(ledger, moment, pace);
    if (hours.length === 0) return [];
    const [live, shadow] = [new Map<string | null, Hour[]>(), new Map<string | null, Hour[]>()];
    for (const hour of hours) {
      const owned = isShadow(ledger.modes, hour) ? shadow : live;
      const owner = ownerOf(timeline, hour);
      owned.set(owner, [...(owned.get(owner) ?? []), hour]);
    }
    return metersOf(ledger).flatMap(({ planId, meter, dimensions }) =>
      [live, shadow].flatMap((of) => {
        const owned = of.get(planId) ?? [];
        if (owned.length === 0) return [];
        return dimensions.flatMap((dimension) =>
          sealDimension({ ledger, moment, pace, anomaly, planId, meter, dimension, ready: hours, owned, inShadow: of === shadow }),
        );
      }),
    );
  };

/** One dimension of one meter of one plan, of which anything was counted. */
export interface Billed {
  readonly planId: string;
  readonly meter: string;
  readonly dimension: string;
}

/** What may be due without an hour to report it under: the shares by term, and their sum. Null where nothing is, or nobody knows what the plan includes. */
export function dueOf(
  ledger: Ledger,
  { planId, meter, dimension }: Billed,
): { readonly quantity: Micros; readonly shares: readonly Share[] } | null {
  const accounts = accountsOf(ledger, planId, meter);
  if (accounts === null) return null;
  const counts = accounts.map((account) => ({
    term: account.term,
    dueSoFar: billableOf(account.countedBy, dimension, account.net) - placedOf(account, dimension),
  }));
  const quantity = sumOf(counts.map(({ dueSoFar }) => dueSoFar));
  return quantity > 0n ? { quantity, shares: sharesOf(quantity, counts) } : null;
}

/** The plans and meters of which anything was counted, with all dimensions under which they are billed in any term. */
export function metersOf({ accounts }: Ledger): readonly { planId: string; meter: string; dimensions: readonly string[] }[] {
  return [...Map.groupBy(accounts, ({ planId, meter }) => `${planId}/${meter}`).values()].map((some) => {
    const dimensions = new Set(some.flatMap(({ countedBy }) => countedBy?.tiers ?? []).map(({ dimension }) => dimension));
    return { planId: some[0]!.planId, meter: some[0]!.meter, dimensions: [...dimensions] };
  });
}

/** The hours whose deadline has not passed, and which wait for nothing any more, in their order. */
export function openHours(
  { timeline }: Ledger,
  { now, readUntil }: Moment,
  { graceMs, finalGraceMs, deadlineMs, lastCallMs }: SealingPace,
): readonly Hour[] {
  const ended = endedAt(timeline);
  const confirmed = confirmedUntil(timeline);
  const isFinal = ended === null || now >= ended + finalGraceMs;
  const open: Hour[] = [];
  for (let hour = hourOf(now - deadlineMs); endOf(hour) + graceMs <= now; hour += HOUR_MS) {
    const isRead = endOf(hour) + graceMs <= readUntil && hour < confirmed;
    const waitsNoMore = isRead && isFinal;
    if (waitsNoMore && hour + deadlineMs > now) open.push(hour);
    else {
      const deadline = effectiveStartOf(timeline, hour) + deadlineMs;
      if (deadline > now && (waitsNoMore || now >= deadline - lastCallMs)) open.push(hour);
    }
  }
  return open;
}

/** The hours that are held or written off as an anomaly, or that late usage has made one which nobody has confirmed: `meter/hour`. */
export function unconfirmedHours(ledger: Ledger, moment: Moment, pace: SealingPace, anomaly: AnomalyLimits): ReadonlySet<string> {
  const isStopped = ({ state, reason }: BilledHour) => reason === ANOMALY && state !== 'shadowed';
  const keyOf = ({ meter, hour }: Pick<BilledHour, 'meter' | 'hour'>) => `${meter}/${hour}`;
  const ready = openHours(ledger, moment, pace);
  const found = new Set(ledger.hours.filter(isStopped).map(keyOf));
  for (const { planId, meter, dimensions } of metersOf(ledger))
    for (const dimension of dimensions)
      for (const inShadow of [false, true]) {
        const task = { ledger, moment, pace, anomaly, planId, meter, dimension, ready, owned: [], inShadow };
        const price = ledger.rates[planId]?.prices[dimension] ?? null;
        const counts = accountsOf(ledger, planId, meter, inShadow)?.map((account) => countOf(account, task)) ?? [];
        const uses = usesOf(task, counts, price);
        const late = lateAnomalies(ledger, uses, anomaly, undefined, (hour) => !isStopped(hour));
        for (const hour of late.hours) found.add(keyOf({ meter: meter, hour }));
      }
  return found;
}

interface Task {
  readonly ledger: Ledger;
  readonly moment: Moment;
  readonly pace: SealingPace;
  readonly anomaly: AnomalyLimits;
  readonly planId: string;
  readonly meter: string;
  readonly dimension: string;
  /** Of whatever plan. */
  readonly ready: readonly Hour[];
  /** Those that are reported under this plan. */
  readonly owned: readonly Hour[];
  /** Whether they are those in which billing only watches, or the others. */
  readonly inShadow: boolean;
}

function sealDimension(task: Task): readonly BilledHour[] {
  const { ledger, moment, anomaly, owned, planId, meter, dimension, inShadow } = task;
  const free = owned.filter((hour) => isFree(ledger, dimension, hour, moment.now));
  const newest = free.at(-1);
  const accounts = accountsOf(ledger, planId, meter, inShadow);
  if (newest === undefined || accounts === null || waitsForMicrosoft(ledger, dimension, moment.now)) return [];
  let counts = accounts.map((account) => countOf(account, task));
  const price = ledger.rates[planId]?.prices[dimension] ?? null;
  let due = least(sumOf(counts.map(({ dueSoFar }) => dueSoFar)), sumOf(counts.map(({ dueInAll }) => dueInAll)));
  const { unconfirmed } = lateAnomalies(ledger, usesOf(task, counts, price), anomaly, ({ hour }) => !free.includes(hour));
  let rest = 0n;
  const sealed: BilledHour[] = [];
  for (const hour of free) {
    const own = ownOf(counts, hour);
    const amount = hour === newest ? due : least(most(0n, own) + rest, due);
    if (amount <= 0n) continue;
    const quantity = wholeCentsOf(amount, price);
    rest = amount - quantity;
    due -= quantity;
    if (quantity === 0n) continue;
    const found = billedHour(task, { ...useOf(task, counts, price, hour), quantity, unconfirmed }, counts);
    counts = counts.map((count) => ({ ...count, dueSoFar: count.dueSoFar - shareOf(found.shares, count.term) }));
    sealed.push(found);
  }
  return sealed;
}

/** No event ever had this key, or Microsoft surely has nothing under it. */
export function isFree({ hours }: Ledger, dimension: string, hour: Hour, now: Instant): boolean {
  const used = hours.find((one) => one.dimension === dimension && one.hour === hour);
  return !used || (used.state === 'returned' && (used.notBefore ?? 0) <= now);
}

/** Microsoft takes no usage of the subscription for now: another hour would be refused as well. */
const waitsForMicrosoft = ({ hours }: Ledger, dimension: string, now: Instant): boolean =>
  hours.some((one) => one.dimension === dimension && one.state === 'returned' && (one.notBefore ?? 0) > now);

/** Null: what the plan includes in one of the terms is not known, so usage waits. */
function accountsOf({ accounts }: Ledger, planId: string, meter: string, inShadow = false): readonly CountedAccount[] | null {
  const found: CountedAccount[] = [];
  for (const account of accounts) {
    if (account.planId !== planId || account.meter !== meter) continue;
    if (!isCounted(account)) return null;
    found.push(inShadow ? asShadowed(account) : asReported(account));
  }
  return found.sort((one, other) => (one.term < other.term ? -1 : 1));
}

/** What is due of one term, in this dimension. */
interface Count {
  readonly term: string;
  /** Of what was used until the last hour that is ready; below 0: a credit. */
  readonly dueSoFar: Micros;
  /** Of all that was counted, so that a correction that was made since is not overlooked. */
  readonly dueInAll: Micros;
  /** By how much what is billable grew in each hour until the last that is ready, as far as they are loaded. */
  readonly byHour: ReadonlyMap<Hour, Micros>;
  /** What was used in each of them, whatever of it is billable. */
  readonly usedByHour: ReadonlyMap<Hour, Micros>;
}

function countOf(account: CountedAccount, { ledger, dimension, ready, inShadow }: Task): Count {
  const placed = placedOf(account, dimension);
  const billable = (net: Micros) => billableOf(account.countedBy, dimension, net);
  const last = ready.at(-1)!;
  const used = usedByHour(ledger, account, inShadow);
  const later = sumOf([...used].filter(([hour]) => hour > last).map(([, quantity]) => quantity));
  const inTime = [...used].filter(([hour]) => hour <= last).sort(([one], [other]) => one - other);
  let net = account.net - later - sumOf(inTime.map(([, quantity]) => quantity));
  const byHour = new Map<Hour, Micros>();
  for (const [hour, quantity] of inTime) {
    byHour.set(hour, billable(net + quantity) - billable(net));
    net += quantity;
  }
  return { term: account.term, dueSoFar: billable(net) - placed, dueInAll: billable(account.net) - placed, byHour, usedByHour: used };
}

/** By the hour under which it is reported. In shadow, only what was used there. */
function usedByHour({ buckets }: Ledger, { planId, meter, term }: Account, inShadow: boolean): Map<Hour, Micros> {
  const used = new Map<Hour, Micros>();
  for (const bucket of buckets) {
    if (bucket.meter !== meter) continue;
    for (const part of bucket.rated) {
      if (part.kind !== 'counted' || part.planId !== planId || part.term !== term || (inShadow && !part.isShadowed)) continue;
      used.set(part.billedIn, (used.get(part.billedIn) ?? 0n) + part.quantity);
    }
  }
  return used;
}

/** An hour that is sealed. */
interface Found extends HourOfUse {
  readonly quantity: Micros;
  /** So much of what is due is late usage of anomalous hours that nobody has confirmed. */
  readonly unconfirmed: Micros;
}

function billedHour(
  { ledger, pace, anomaly, planId, meter, dimension, inShadow }: Task,
  { quantity, unconfirmed, ...use }: Found,
  counts: readonly Count[],
): BilledHour {
  const { hour, own, price } = use;
  const effectiveStart = effectiveStartOf(ledger.timeline, hour);
  const late = least(unconfirmed, quantity - most(0n, own));
  const reason = isAnomalous(ledger, use, anomaly) || (late > 0n && centsOf(late, price) > 0n) ? ANOMALY : null;
  return {
    ...{ dimension, hour, planId, meter, quantity, effectiveStart, deadline: effectiveStart + pace.deadlineMs },
    shares: sharesOf(quantity, counts),
    ...{ state: inShadow ? 'shadowed' : reason === null ? 'waiting' : 'held', notBefore: null, reason },
  };
}

const ownOf = (counts: readonly Count[], hour: Hour): Micros => sumOf(counts.map(({ byHour }) => byHour.get(hour) ?? 0n));

function useOf({ planId, meter, dimension }: Task, counts: readonly Count[], price: string | null, hour: Hour): HourOfUse {
  const used = sumOf(counts.map(({ usedByHour }) => usedByHour.get(hour) ?? 0n));
  return { planId, meter: meter, dimension, hour, used, own: ownOf(counts, hour), price };
}

/** Of each hour until the last that is ready, those with too old deadlines included: as far as they are loaded. */
function usesOf(task: Task, counts: readonly Count[], price: string | null): readonly HourOfUse[] {
  const from = loadedFrom(task.moment.now, task.pace.deadlineMs);
  const hours = new Set(counts.flatMap(({ byHour }) => [...byHour.keys()]));
  return [...hours]
    .filter((hour) => hour >= from && isShadow(task.ledger.modes, hour) === task.inShadow)
    .map((hour) => useOf(task, counts, price, hour));
}

const shareOf = (shares: readonly Share[], term: string): Micros => shares.find((share) => share.term === term)?.quantity ?? 0n;

/** Whose usage a quantity is: of the oldest terms first. A term that has a credit gives all of it, so that the others need so much less. */
function sharesOf(quantity: Micros, counts: readonly Pick<Count, 'term' | 'dueSoFar'>[]): readonly Share[] {
  const credits = counts.filter(({ dueSoFar }) => dueSoFar < 0n).map(({ term, dueSoFar }) => ({ term, quantity: dueSoFar }));
  let needed = quantity - sumOf(credits.map((share) => share.quantity));
  const shares: Share[] = [...credits];
  for (const { term, dueSoFar } of counts) {
    const share = least(most(0n, dueSoFar), needed);
    if (share > 0n) shares.push({ term, quantity: share });
    needed -= share;
  }
  return shares;
}
