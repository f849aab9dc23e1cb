import { billableOf, dueIn, dueInShadow, isCounted, withUse, type CountedAccount } from './account.domain';
import {
  ANOMALY,
  isAnomalous,
  lateAnomalies,
  lateUses,
  originsOf,
  type AnomalyLimits,
  type HourOfUse,
  type LateUse,
} from './anomaly.domain';
import { endOf, HOUR_MS, hourOf, loadedFrom, type Hour, type Instant } from './hours';
import type { Account, BilledHour, CountedPart, Ledger, Share } from './ledger';
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
    return billedOf(ledger).flatMap(({ planId, meter, dimensions }) =>
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
  const counts = accounts.map((account) => ({ term: account.term, dueSoFar: dueIn(account, dimension) }));
  const quantity = sumOf(counts.map(({ dueSoFar }) => dueSoFar));
  return quantity > 0n ? { quantity, shares: sharesOf(quantity, counts) } : null;
}

/** The plans and meters of which anything was counted, with all dimensions under which they are billed in any term. */
export function billedOf({ accounts }: Ledger): readonly { planId: string; meter: string; dimensions: readonly string[] }[] {
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

/** What is billed under one dimension, and may be asked of it. */
export interface Asked extends Billed {
  readonly ledger: Ledger;
  readonly moment: Moment;
  readonly pace: SealingPace;
  /** The hours that wait for nothing any more, of whatever plan. */
  readonly ready: readonly Hour[];
  /** Whether it is about those in which billing only watches, or the others. */
  readonly inShadow: boolean;
}

interface Task extends Asked {
  readonly anomaly: AnomalyLimits;
  /** Those that are reported under this plan. */
  readonly owned: readonly Hour[];
}

/** What was used in each hour until the last that is ready, those with too old deadlines included: as far as they are loaded. */
export function usesOf(asked: Asked): readonly HourOfUse[] {
  const counts = accountsOf(asked.ledger, asked.planId, asked.meter)?.map((account) => countOf(account, asked)) ?? [];
  return usesIn(asked, counts);
}

function sealDimension(task: Task): readonly BilledHour[] {
  const { ledger, moment, owned, planId, meter, dimension } = task;
  const free = owned.filter((hour) => isFree(ledger, dimension, hour, moment.now));
  const newest = free.at(-1);
  const accounts = accountsOf(ledger, planId, meter);
  if (newest === undefined || accounts === null || waitsForMicrosoft(ledger, dimension, moment.now)) return [];
  let counts = accounts.map((account) => countOf(account, task));
  const price = priceOf(task);
  let due = least(sumOf(counts.map(({ dueSoFar }) => dueSoFar)), sumOf(counts.map(({ dueInAll }) => dueInAll)));
  const late = lateUses(
    ledger,
    usesIn(task, counts).filter(({ hour }) => !free.includes(hour)),
  );
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
    const found = billedHour(task, { ...useOf(task, counts, price, hour), quantity, late: hour === newest ? late : [] }, counts);
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
function accountsOf({ accounts }: Ledger, planId: string, meter: string): readonly CountedAccount[] | null {
  const found: CountedAccount[] = [];
  for (const account of accounts) {
    if (account.planId !== planId || account.meter !== meter) continue;
    if (!isCounted(account)) return null;
    found.push(account);
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
  /** What was used in each of them, whatever of it is billable. Of both, what was used in the mode of the task. */
  readonly usedByHour: ReadonlyMap<Hour, Micros>;
}

function countOf(account: CountedAccount, { ledger, dimension, ready, inShadow }: Asked): Count {
  const billable = (net: Micros) => billableOf(account.countedBy, dimension, net);
  const due = (one: CountedAccount) => (inShadow ? dueInShadow(one, dimension) : dueIn(one, dimension));
  const last = ready.at(-1) ?? -Infinity;
  const parts = partsOf(ledger, account);
  const soFar = parts.filter(({ billedIn }) => billedIn > last).reduce((one, part) => withUse(one, part, -part.quantity), account);
  const inTime = parts.filter(({ billedIn }) => billedIn <= last);
  let net = soFar.net - sumOf(inTime.map(({ quantity }) => quantity));
  const [byHour, usedByHour] = [new Map<Hour, Micros>(), new Map<Hour, Micros>()];
  for (const { billedIn: hour, quantity, isShadowed = false } of inTime) {
    const grown = billable(net + quantity) - billable(net);
    net += quantity;
    if (isShadowed !== inShadow) continue;
    byHour.set(hour, (byHour.get(hour) ?? 0n) + grown);
    usedByHour.set(hour, (usedByHour.get(hour) ?? 0n) + quantity);
  }
  return { term: account.term, dueSoFar: due(soFar), dueInAll: due(account), byHour, usedByHour };
}

/** What was used of the account, as far as it is loaded, in the order in which it uses up what is included: by the hours under which it is reported. */
function partsOf({ buckets }: Ledger, { planId, meter, term }: Account): readonly CountedPart[] {
  const found: { readonly hour: Hour; readonly part: CountedPart }[] = [];
  for (const { meter: of, hour, rated } of buckets)
    if (of === meter)
      for (const part of rated) if (part.kind === 'counted' && part.planId === planId && part.term === term) found.push({ hour, part });
  return found.sort((one, other) => one.part.billedIn - other.part.billedIn || one.hour - other.hour).map(({ part }) => part);
}

/** An hour that is sealed. */
interface Found extends HourOfUse {
  readonly quantity: Micros;
  /** What of others it may carry. */
  readonly late: readonly LateUse[];
}

function billedHour(task: Task, found: Found, counts: readonly Count[]): BilledHour {
  const { ledger, pace, planId, meter, dimension, inShadow } = task;
  const { hour, quantity } = found;
  const before = ledger.hours.find((one) => one.dimension === dimension && one.hour === hour && one.planId === planId);
  const effectiveStart = effectiveStartOf(ledger.timeline, hour);
  const { reason, origins } = judged(task, found, before?.confirmed ?? null);
  return {
    ...{ dimension, hour, planId, meter, quantity, effectiveStart, deadline: effectiveStart + pace.deadlineMs },
    ...{ shares: sharesOf(quantity, counts), origins, ...(before?.confirmed && { confirmed: before.confirmed }) },
    ...{ state: inShadow ? 'shadowed' : reason === null ? 'waiting' : 'held', notBefore: null, reason },
  };
}

/** Whether it is an anomaly, or carries one, beyond what an operator has confirmed of it before Microsoft gave it back. */
function judged(
  { ledger, anomaly }: Task,
  { quantity, late, ...use }: Found,
  confirmed: Micros | null,
): Pick<BilledHour, 'reason' | 'origins'> {
  const { hour, price } = use;
  const own = most(0n, use.own);
  const carried = most(0n, quantity - own);
  const { hours, unconfirmed } = lateAnomalies(ledger, late, anomaly);
  const isFound = isAnomalous(ledger, use, anomaly) || centsOf(least(unconfirmed, carried), price) > 0n;
  const isConfirmed = confirmed !== null && centsOf(most(0n, quantity - confirmed), price) <= anomaly.cents;
  return {
    reason: isFound && !isConfirmed ? ANOMALY : null,
    origins: quantity === own ? null : [{ hour, quantity: own }, ...originsOf(late, hours, carried)],
  };
}

const ownOf = (counts: readonly Count[], hour: Hour): Micros => sumOf(counts.map(({ byHour }) => byHour.get(hour) ?? 0n));

function useOf({ planId, meter, dimension }: Asked, counts: readonly Count[], price: string | null, hour: Hour): HourOfUse {
  const used = sumOf(counts.map(({ usedByHour }) => usedByHour.get(hour) ?? 0n));
  return { planId, meter: meter, dimension, hour, used, own: ownOf(counts, hour), price };
}

function usesIn(asked: Asked, counts: readonly Count[]): readonly HourOfUse[] {
  const { ledger, moment, pace, inShadow } = asked;
  const from = Math.min(loadedFrom(moment.now, pace.deadlineMs), ledger.lateFrom ?? Infinity);
  const hours = new Set(counts.flatMap(({ byHour }) => [...byHour.keys()]));
  return [...hours]
    .filter((hour) => hour >= from && isShadow(ledger.modes, hour) === inShadow)
    .map((hour) => useOf(asked, counts, priceOf(asked), hour));
}

const priceOf = ({ ledger, planId, dimension }: Asked): string | null => ledger.rates[planId]?.prices[dimension] ?? null;

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
