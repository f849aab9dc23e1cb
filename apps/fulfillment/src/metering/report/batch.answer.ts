import { asCode, asReason, QUANTITY_DIGITS, withoutTrailingZeros, type UsageEvent } from '@landfall/contracts';
import type { StoredUsage, UsageEventResult } from '@landfall/marketplace-client';
import type { EventAnswer } from './usage.batch';

/** What Microsoft answers to a report. */
export interface ReportAnswer {
  readonly results: readonly UsageEventResult[];
}

const HOUR_MS = 3_600_000;

const hourOf = (instant: string): number => Math.floor(Date.parse(instant) / HOUR_MS);

/**
 * Which result is about which of these events, by their places in the batch: by subscription, dimension, hour and plan, since no order is promised (contract 6.4). A result that
 * does not name its plan is matched by the others, which are Microsoft's key. An event about which no result says anything is missing.
 */
export function resultsByEvent(
  events: readonly UsageEvent[],
  sent: readonly number[],
  results: readonly UsageEventResult[],
): ReadonlyMap<number, UsageEventResult> {
  const found = new Map<number, UsageEventResult>();
  for (const result of results.toSorted((one, other) => Number(one.planId === null) - Number(other.planId === null))) {
    const place = sent.find((one) => !found.has(one) && isAbout(result, events[one]!));
    if (place !== undefined) found.set(place, result);
  }
  return found;
}

const isAbout = (result: UsageEventResult, event: UsageEvent): boolean =>
  result.subscriptionId === event.subscriptionId &&
  result.dimension === event.dimension &&
  (result.planId ?? event.planId) === event.planId &&
  result.effectiveStartTime !== null &&
  hourOf(result.effectiveStartTime) === hourOf(event.effectiveStartTime);

/** A result as it is published. */
export const answerOf = ({ status, usageEventId, stored, messageTime, code, message }: UsageEventResult): EventAnswer => ({
  ...{ status, usageEventId, messageTime, stored: stored && storedOf(stored) },
  ...{ code: code === null ? null : asCode(code), reason: message === null ? null : asReason(message) },
});

function storedOf({ usageEventId, quantity, planId }: StoredUsage): EventAnswer['stored'] {
  const published = quantity === null ? null : quantityOf(quantity);
  return published === null ? null : { usageEventId, quantity: published, planId };
}

/** Digits before the point that a quantity of ours may have. */
const DIGITS_BEFORE_POINT = 18;

/**
 * A quantity of Microsoft's in our digits: it computes with doubles, so that what lies behind the sixth digit is noise of its own. Null for a number that is no quantity
 * of usage.
 */
export function quantityOf(text: string): string | null {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  if (whole.length > DIGITS_BEFORE_POINT) return null;
  const { behindPoint } = QUANTITY_DIGITS;
  if (fraction.length <= behindPoint) return text;
  const [units, digits = ''] = Number(text).toFixed(behindPoint).split('.');
  const shortest = withoutTrailingZeros(digits);
  return `${units}${shortest && `.${shortest}`}`;
}
