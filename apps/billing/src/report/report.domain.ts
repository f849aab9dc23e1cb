import {
  checkSubscription,
  reportUsage,
  USAGE_EVENTS_PER_CALL,
  usageOverReported,
  usageReported,
  type MessageOf,
  type usageAnswered,
  type UsageEvent,
  type UsageResult,
} from '@landfall/contracts';
import { changed, ignored, type Effect, type Outcome } from '@landfall/messaging';
import { answered } from '../ledger/answer.domain';
import { hourOf, isoOf } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { decimalOf } from '../ledger/micros';

/** An hour of a subscription that was handed over. */
export interface ReportedHour {
  readonly subscriptionId: string;
  readonly publisherId: string;
  readonly offerId: string;
  readonly hour: BilledHour;
  /** What was answered now; absent where nothing was. */
  readonly answer?: UsageResult;
}

/** What was handed over together, as it is now. */
export interface ReportedBatch {
  readonly batchId: string;
  readonly hours: readonly ReportedHour[];
  /** As they were before the answer. */
  readonly before: readonly BilledHour[];
}

/** What is reported in one call. */
export interface Batch {
  readonly batchId: string;
  readonly publisherId: string;
  readonly hours: readonly ReportedHour[];
}

/** So many events go in one call; those go together whose deadlines are near each other, since nothing of a batch is sent after the first of them. */
export function batchesOf(hours: readonly ReportedHour[], newId: () => string): readonly Batch[] {
  const byPublisher = Map.groupBy(
    hours.toSorted((one, other) => one.hour.deadline - other.hour.deadline),
    ({ publisherId }) => publisherId,
  );
  return [...byPublisher].flatMap(([publisherId, all]) =>
    Array.from({ length: Math.ceil(all.length / USAGE_EVENTS_PER_CALL) }, (_, place) => ({
      ...{ batchId: newId(), publisherId },
      hours: all.slice(place * USAGE_EVENTS_PER_CALL, (place + 1) * USAGE_EVENTS_PER_CALL),
    })),
  );
}

export const commandOf = ({ batchId, publisherId, hours }: Batch): Effect =>
  reportUsage({
    ...{ batchId, publisherId },
    deadline: isoOf(Math.min(...hours.map(({ hour }) => hour.deadline))),
    events: hours.map(eventOf),
  });

const eventOf = ({ subscriptionId, hour: { dimension, planId, quantity, effectiveStart } }: ReportedHour): UsageEvent => ({
  ...{ subscriptionId, dimension, planId, quantity: decimalOf(quantity) },
  effectiveStartTime: isoOf(effectiveStart),
});

/** Every answer is stored with its hour, and counts once. */
export function takeAnswer(known: ReportedBatch | undefined, { data }: MessageOf<typeof usageAnswered>): Outcome<ReportedBatch> {
  if (!known) return ignored('nobody handed this batch over');
  const now = Date.parse(data.reportedAt);
  const effects: Effect[] = [];
  const hours = known.hours.map((one) => {
    const answer = data.results.find((result) => isAbout(one, result));
    if (!answer) return one;
    const outcome = answered(one.hour, answer, now);
    effects.push(...toldOf({ ...one, hour: outcome.hour }, one.hour, answer, data.reportedAt));
    if (outcome.checksSubscription) effects.push(checkSubscription({ subscriptionId: one.subscriptionId }));
    return { ...one, hour: outcome.hour, answer };
  });
  return changed({ ...known, hours, before: known.hours.map(({ hour }) => hour) }, ...effects);
}

const isAbout = ({ subscriptionId, hour }: ReportedHour, result: UsageResult): boolean =>
  result.subscriptionId === subscriptionId &&
  result.dimension === hour.dimension &&
  result.planId === hour.planId &&
  hourOf(Date.parse(result.effectiveStartTime)) === hour.hour;

/** What products are told, once the hour is accepted. */
function toldOf(
  { subscriptionId, publisherId, offerId, hour }: ReportedHour,
  before: BilledHour,
  answer: UsageResult,
  at: string,
): Effect[] {
  if (hour.state !== 'accepted' || before.state === 'accepted') return [];
  const about = { subscriptionId, publisherId, offerId, planId: hour.planId, dimension: hour.dimension, hour: isoOf(hour.hour) };
  const usageEventId = answer.stored?.usageEventId ?? answer.usageEventId;
  const reported = { quantity: decimalOf(hour.quantity), usageEventId, acceptedAt: answer.messageTime ?? at };
  return [
    usageReported({ ...about, effectiveStartTime: isoOf(hour.effectiveStart), ...reported }),
    ...(hour.quantity > before.quantity
      ? [usageOverReported({ ...about, ours: decimalOf(before.quantity), theirs: decimalOf(hour.quantity), foundAt: at })]
      : []),
  ];
}
