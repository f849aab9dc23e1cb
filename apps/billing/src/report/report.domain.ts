import {
  checkSubscription,
  reportUsage,
  USAGE_EVENTS_PER_CALL,
  type MessageOf,
  type usageAnswered,
  type UsageEvent,
  type UsageResult,
} from '@landfall/contracts';
import { changed, ignored, type Effect, type Outcome } from '@landfall/messaging';
import { answered } from '../ledger/answer.domain';
import { HOUR_MS, hourOf, isoOf } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { decimalOf } from '../ledger/micros';
import { toldOfAccepted } from './accepted.events';

/** An hour of a subscription that was handed over. */
export interface ReportedHour {
  readonly subscriptionId: string;
  readonly publisherId: string;
  readonly offerId: string;
  readonly hour: BilledHour;
  /** What was answered now, in the order in which it was: more than once where answers come together. Absent where nothing was. */
  readonly answers?: readonly UsageResult[];
}

/** What was handed over together, as it is now. */
export interface ReportedBatch {
  readonly batchId: string;
  readonly hours: readonly ReportedHour[];
  /** As they were before the first of the answers that are saved together; empty before it. */
  readonly before: readonly BilledHour[];
}

/** What is reported in one call. */
export interface Batch {
  readonly batchId: string;
  readonly publisherId: string;
  readonly hours: readonly ReportedHour[];
}

/** Nothing of a batch is sent after the first of its deadlines: no hour loses more of its time than this. */
const DEADLINES_APART_MS = HOUR_MS;

/** So many events go in one call; those go together whose deadlines are near each other. */
export function batchesOf(hours: readonly ReportedHour[], newId: () => string): readonly Batch[] {
  const byPublisher = Map.groupBy(
    hours.toSorted((one, other) => one.hour.deadline - other.hour.deadline),
    ({ publisherId }) => publisherId,
  );
  return [...byPublisher].flatMap(([publisherId, all]) => together(all).map((some) => ({ batchId: newId(), publisherId, hours: some })));
}

/** Of hours by their deadlines: cut where a batch is full, and where a deadline is too far from the first. */
function together(hours: readonly ReportedHour[]): readonly (readonly ReportedHour[])[] {
  const batches: ReportedHour[][] = [];
  for (const one of hours) {
    const batch = batches.at(-1);
    const isNear = batch !== undefined && one.hour.deadline - batch[0]!.hour.deadline <= DEADLINES_APART_MS;
    if (isNear && batch.length < USAGE_EVENTS_PER_CALL) batch.push(one);
    else batches.push([one]);
  }
  return batches;
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
    const usageEventId = answer.stored?.usageEventId ?? answer.usageEventId;
    const acceptance = { usageEventId, acceptedAt: answer.messageTime ?? data.reportedAt, foundAt: data.reportedAt };
    effects.push(...toldOfAccepted({ ...one, hour: outcome.hour }, one.hour, acceptance));
    if (outcome.checksSubscription) effects.push(checkSubscription({ subscriptionId: one.subscriptionId }));
    return { ...one, hour: outcome.hour, answers: [...(one.answers ?? []), answer] };
  });
  const isFirst = known.before.length === 0;
  return changed({ ...known, hours, before: isFirst ? known.hours.map(({ hour }) => hour) : known.before }, ...effects);
}

const isAbout = ({ subscriptionId, hour }: ReportedHour, result: UsageResult): boolean =>
  result.subscriptionId === subscriptionId &&
  result.dimension === hour.dimension &&
  result.planId === hour.planId &&
  hourOf(Date.parse(result.effectiveStartTime)) === hour.hour;
