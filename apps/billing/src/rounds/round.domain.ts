import { checkSubscription, metersOf, readPlan, usageCounted, usageWrittenOff, type Catalog, type DataOf } from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import { writeOffs } from '../ledger/closing.domain';
import { endOf, HOUR_MS, hourOf, isoOf, loadedFrom, type Hour, type Instant } from '../ledger/hours';
import { modesOf, type ModeSet } from '../ledger/mode.domain';
import type { Account, BilledHour, Bucket, Ledger, Meter, Rated, WriteOff } from '../ledger/ledger';
import { asKnown, counted, pastTheirDeadlines, revisited, withHour, withWriteOff } from '../ledger/ledger.domain';
import { centsOf, decimalOf, microsOf } from '../ledger/micros';
import type { Used } from '../ledger/rating.domain';
import { knownAfter, oldestLate, type PeakRules } from '../ledger/peaks.domain';
import { billedOf, dueOf, type Moment, type Sealing, type SealingPace } from '../ledger/sealing.domain';
import { remainingOf } from '../ledger/sums.domain';
import { endOfTerm } from '../ledger/term';
import { confirmedUntil, endedAt, type Timeline } from '../ledger/timeline';
import type { SubscriptionRow } from '../subscription/subscription';
import { bucketOf, type BucketRow } from './ledger.rows';

export type DirtyBucket = BucketRow;

/** The ledger of one subscription as its rows have it. */
export interface LoadedLedger {
  readonly subscription: SubscriptionRow;
  readonly timeline: Timeline;
  readonly buckets: readonly Bucket[];
  /** Those that changed since they were counted, or that another mode holds for. */
  readonly dirty: readonly DirtyBucket[];
  readonly accounts: readonly Account[];
  readonly hours: readonly BilledHour[];
}

/** What a look at a ledger changed. */
export interface LookedAt extends Pick<
  SubscriptionRow,
  'id' | 'publisherId' | 'offerId' | 'rates' | 'peaks' | 'counts' | 'lookAt' | 'lateFrom'
> {
  readonly rated: readonly { readonly bucket: DirtyBucket; readonly parts: readonly Rated[] }[];
  readonly accounts: readonly Account[];
  /** `batchId` is null until it is handed over. */
  readonly hours: readonly { readonly hour: BilledHour; readonly batchId: string | null }[];
  readonly writeOffs: readonly WriteOff[];
  readonly effects: readonly Effect[];
}

export interface Rules extends PeakRules {
  readonly sealing: Sealing;
  readonly catalog: Catalog;
  /** As they were set, by their beginnings. */
  readonly modes: readonly ModeSet[];
  /** When the service went on with a database that was restored from a backup. Null: it never was. */
  readonly resumedAt: Instant | null;
}

/** What a plan includes is asked for again where that was not answered for so long. */
const ASKED_AGAIN_MS = HOUR_MS;
/**
 * So long after the service went on with a restored database, what it carries may have been carried before, under an hour that it has forgotten: longer than Microsoft takes an hour, and shorter than
 * its list needs to decide.
 */
export const FORGOTTEN_MS = 48 * HOUR_MS;

/** Counts what is new, and hands over what is due. `isDue`: false where only something was used since the last look. */
export function lookAt(
  loaded: LoadedLedger,
  used: ReadonlyMap<DirtyBucket, readonly Used[]>,
  moment: Moment,
  isDue: boolean,
  rules: Rules,
): LookedAt {
  const { subscription } = loaded;
  const lateFrom = lateHour(loaded, moment.now, rules.pace);
  const { ledger: fresh, rated } = count({ ...ledgerOf(loaded, rules), lateFrom }, loaded.dirty, used);
  const sealed = isDue ? seal(fresh, moment, rules) : { ledger: fresh, hours: [], writeOffs: [] };
  const known = isDue ? knownAfter(sealed.ledger, moment, rules) : { peaks: sealed.ledger.peaks, lateFrom };
  const asked = ratesAsked(subscription, sealed.ledger, moment.now);
  const told = rated.flatMap((one) => countedEvents(subscription, sealed.ledger, one));
  return {
    ...{
      id: subscription.id,
      publisherId: subscription.publisherId,
      offerId: subscription.offerId,
      peaks: isDue ? peaksText(known.peaks) : subscription.peaks,
      lateFrom: known.lateFrom,
      rates: asked.rates,
      counts: subscription.counts + told.length,
    },
    lookAt: nextLook(sealed.ledger, loaded, moment, isDue, rules.pace),
    rated: rated.map(({ bucket, parts }) => ({ bucket, parts })),
    accounts: sealed.ledger.accounts,
    hours: sealed.hours.map((hour) => ({ hour, batchId: null })),
    writeOffs: sealed.writeOffs,
    effects: [
      ...asked.effects,
      ...(isDue && waitsForTerm(sealed.ledger, moment, rules.pace) ? [checkSubscription({ subscriptionId: subscription.id })] : []),
      ...told.map((count, place) => usageCounted(count, { sequence: subscription.counts + place + 1 })),
      ...sealed.writeOffs.map((writeOff) => writtenOffEvent(subscription, writeOff, moment.now)),
    ],
  };
}

/** The oldest hour that is looked at although it is older than those that can still be reported: new usage of it came, or it waits since before. Null: there is none. */
function lateHour({ subscription, dirty }: LoadedLedger, now: Instant, { deadlineMs }: SealingPace): Hour | null {
  const late = dirty.map(({ hour }) => hour).filter((hour) => hour < loadedFrom(now, deadlineMs) && hour >= oldestLate(now));
  const hours = subscription.lateFrom === null ? late : [...late, subscription.lateFrom];
  return hours.length > 0 ? Math.min(...hours) : null;
}

export function ledgerOf(
  { subscription, timeline, buckets, accounts, hours }: Omit<LoadedLedger, 'dirty'>,
  { catalog, modes }: Pick<Rules, 'catalog' | 'modes'>,
): Ledger {
  const { publisherId, offerId, isPreview, rates, peaks, lateFrom } = subscription;
  const plans = new Set(timeline.segments.map(({ planId }) => planId));
  const read = Object.entries(rates).flatMap(([planId, { readAt, ...list }]) =>
    readAt === null ? [] : [[planId, { ...list, shownAt: Date.parse(readAt) }] as const],
  );
  return asKnown({
    ...{ timeline, buckets, accounts, hours, writeOffs: [], rates: Object.fromEntries(read), modes: modesOf(modes, publisherId), lateFrom },
    meters: Object.fromEntries([...plans].map((planId) => [planId, metersIn(catalog, { publisherId, offerId, isPreview, planId })])),
    peaks: Object.fromEntries(
      Object.entries(peaks).map(([meter, days]) => [
        meter,
        Object.fromEntries(Object.entries(days).map(([day, peak]) => [day, microsOf(peak)])),
      ]),
    ),
  });
}

const peaksText = (peaks: Ledger['peaks']): SubscriptionRow['peaks'] =>
  Object.fromEntries(
    Object.entries(peaks).map(([meter, days]) => [
      meter,
      Object.fromEntries(Object.entries(days).map(([day, peak]) => [day, decimalOf(peak)])),
    ]),
  );

const metersIn = (catalog: Catalog, plan: Parameters<typeof metersOf>[1]): Meter[] =>
  [...metersOf(catalog, plan)].map(([meter, tiers]) => ({
    meter,
    tiers: tiers.map(({ dimension, upTo }) => ({ dimension, upTo: upTo === null ? null : microsOf(upTo) })),
  }));

function count(ledger: Ledger, dirty: readonly DirtyBucket[], used: ReadonlyMap<DirtyBucket, readonly Used[]>) {
  const hours = dirty.map((bucket) => ({ meter: bucket.meter, hour: bucket.hour, used: used.get(bucket) ?? [] }));
  const fresh = counted(ledger, hours);
  const first = fresh.buckets.length - dirty.length;
  return { ledger: fresh, rated: dirty.map((bucket, place) => ({ bucket, parts: fresh.buckets[first + place]!.rated })) };
}

/**
 * Microsoft may have units of it under another hour. What was used in an hour itself goes under the same key again, and is known there; what is carried since it costs less than a cent belongs
 * to it.
 */
function isForgotten({ rates }: Ledger, hour: BilledHour, now: Instant, resumedAt: Instant | null): boolean {
  if (hour.state !== 'waiting' || !hour.origins || resumedAt === null || now >= resumedAt + FORGOTTEN_MS) return false;
  const own = hour.origins.find((origin) => origin.hour === hour.hour)?.quantity ?? 0n;
  const carried = hour.quantity - own;
  const price = rates[hour.planId]?.prices[hour.dimension] ?? null;
  return carried > 0n && (price === null || centsOf(carried, price) > 0n);
}

function seal(ledger: Ledger, moment: Moment, { sealing, pace, resumedAt }: Rules) {
  let current = ledger;
  const hours = [...revisited(ledger), ...pastTheirDeadlines(ledger, moment.now)];
  for (const hour of hours) current = withHour(current, hour);
  const sealed = sealing(current, moment).map((hour) =>
    isForgotten(current, hour, moment.now, resumedAt) ? { ...hour, state: 'uncertain' as const } : hour,
  );
  for (const hour of sealed) current = withHour(current, hour);
  const given = writeOffs(current, moment.now, pace);
  for (const writeOff of given) current = withWriteOff(current, writeOff);
  const isReplaced = (one: BilledHour) => sealed.some(({ dimension, hour }) => dimension === one.dimension && hour === one.hour);
  return { ledger: current, hours: [...hours.filter((hour) => !isReplaced(hour)), ...sealed], writeOffs: given };
}

/**
 * As long as anything is due, or an hour of use is not over, each hour once its grace is over; and when what waits for the end of a subscription, or for Microsoft to take
 * usage again, has waited long enough. Soon where the last hours wait to be read, or something was used late. Null: nothing is open.
 */
function nextLook(
  ledger: Ledger,
  { subscription, dirty, hours }: LoadedLedger,
  { now, readUntil }: Moment,
  isDue: boolean,
  pace: SealingPace,
): Instant | null {
  const isOver = (hour: Hour) => endOf(hour) + pace.graceMs <= now;
  const last = hourOf(now - pace.graceMs) + pace.graceMs;
  const ended = endedAt(ledger.timeline);
  const final = ended === null ? Infinity : ended + pace.finalGraceMs;
  const waiting = hours.flatMap(({ state, notBefore }) => (state === 'returned' && notBefore !== null ? [notBefore] : []));
  const candidates = [final, ...waiting].filter((at) => at > now);
  const isSoon = isDue ? readUntil < last : dirty.some(({ hour }) => isOver(hour));
  const look = isOpen(ledger, now, pace) ? Math.min(isSoon ? now : last + HOUR_MS, ...candidates) : null;
  return isDue || subscription.lookAt === null ? look : Math.min(subscription.lookAt, look ?? Infinity);
}

function isOpen(ledger: Ledger, now: Instant, { deadlineMs }: SealingPace): boolean {
  if (ledger.buckets.some(({ hour, rated }) => endOf(hour) + deadlineMs > now && rated.some(({ kind }) => kind !== 'not-reportable')))
    return true;
  return billedOf(ledger).some(
    ({ planId, meter, dimensions }) =>
      isUnread(ledger, planId, meter) || dimensions.some((dimension) => dueOf(ledger, { planId, meter, dimension }) !== null),
  );
}

/** The catalog maps the meter, and nobody has read what the plan includes. */
const isUnread = ({ rates, meters }: Ledger, planId: string, meter: string): boolean =>
  !rates[planId] && (meters[planId] ?? []).some((one) => one.meter === meter);

function ratesAsked({ id, rates }: SubscriptionRow, ledger: Ledger, now: Instant) {
  const unread = billedOf(ledger).filter(({ planId, meter }) => isUnread(ledger, planId, meter));
  const missing = [...new Set(unread.map(({ planId }) => planId))].filter((planId) => {
    const known = rates[planId];
    return !known?.readAt && (known?.askedAt ?? -Infinity) + ASKED_AGAIN_MS <= now;
  });
  const asked = Object.fromEntries(missing.map((planId) => [planId, { prices: {}, included: {}, readAt: null, askedAt: now }]));
  return { rates: { ...rates, ...asked }, effects: missing.map((planId) => readPlan({ subscriptionId: id, planId })) };
}

/** Its last hours are all read, and wait for nothing but that Microsoft shows the term in which they lie: somebody has to look. */
function waitsForTerm({ timeline, buckets }: Ledger, { now, readUntil }: Moment, { graceMs }: SealingPace): boolean {
  const confirmed = confirmedUntil(timeline);
  const isWaiting = ({ hour, rated }: Bucket) =>
    hour >= confirmed && endOf(hour) + graceMs <= Math.min(now, readUntil) && rated.some(({ kind }) => kind !== 'not-reportable');
  return endedAt(timeline) === null && buckets.some(isWaiting);
}

/**
 * What was used, and what is left; also of a plan or a term that the hour was counted in before and is no more, so that nobody keeps what was told of it then. Where nobody knows
 * what the plan includes, nothing is told before that was read.
 */
function countedEvents(
  { id, publisherId, offerId }: SubscriptionRow,
  ledger: Ledger,
  { bucket, parts }: { readonly bucket: DirtyBucket; readonly parts: readonly Rated[] },
): DataOf<typeof usageCounted>[] {
  const { meter, hour, rated: before } = bucketOf(bucket);
  const now = parts.filter((part) => part.kind === 'counted');
  const gone = before.flatMap((part) =>
    part.kind === 'counted' && !now.some(({ planId, term }) => planId === part.planId && term === part.term)
      ? [{ planId: part.planId, term: part.term, quantity: 0n }]
      : [],
  );
  return [...now, ...gone].flatMap(({ planId, term, quantity }) => {
    const account = ledger.accounts.find((one) => one.planId === planId && one.meter === meter && one.term === term);
    const included = account?.countedBy?.included;
    if (!account || included === undefined) return [];
    return [
      {
        ...{ subscriptionId: id, publisherId, offerId, planId, meter, hour: isoOf(hour), used: decimalOf(quantity) },
        term: { startDate: term, endDate: account.endDate },
        ...{ usedInTerm: decimalOf(account.net), included: decimalOf(included), remaining: decimalOf(remainingOf(included, account.net)) },
        resetsAt: isoOf(endOfTerm({ ...account, startDate: term })),
      },
    ];
  });
}

const writtenOffEvent = (
  { id, publisherId, offerId }: SubscriptionRow,
  { planId, dimension, quantity, reason }: WriteOff,
  now: Instant,
): Effect =>
  usageWrittenOff({
    ...{ subscriptionId: id, publisherId, offerId, planId, dimension, quantity: decimalOf(quantity), reason, writtenOffAt: isoOf(now) },
  });
