import { limits } from '../../../limits';
import { membersOf } from '../../../metering/usage/usage.reading';
import { instantOf } from '../../../metering/iso.instant';
import type { Call } from '../../fact';
import type { Found } from '../../rule';

const hourMs = 3_600_000;

/** A usage event as it was sent, with what became of it. */
export interface SentUsage {
  subscriptionId: string | null;
  dimension: string;
  planId: string;
  /** Null: no number. */
  quantity: number | null;
  /** Null: not an instant. */
  effectiveAtMs: number | null;
  /** Resource, dimension, plan and clock hour: whether the plan belongs to the key is unverified (contract 6.3, 1). */
  key: string;
  isAccepted: boolean;
  /** The event that was there before; null: none. */
  earlier: { quantity: unknown; messageTime: unknown } | null;
}

/**
 * The usage events of a call, as far as they were decided about. The results of a batch come in any order, so they are matched by what they
 * repeat (contract 6.4).
 */
export function usageIn({ route, body, answer, status }: Call): SentUsage[] {
  if (route === 'postUsageEvent') return [sentUsage(body, answer, status === 200)];
  const { request: events } = membersOf(body);
  if (route !== 'postBatchUsageEvent' || !Array.isArray(events)) return [];
  const { result } = membersOf(answer);
  const results: unknown[] = Array.isArray(result) ? result : [];
  return events.slice(0, limits.batchedUsageEvents).map((event: unknown) => {
    const decided = results.find((each) => keyOf(membersOf(each)) === keyOf(membersOf(event)) && isOwn(each, event));
    return sentUsage(event, membersOf(decided)['error'] ?? decided, membersOf(decided)['status'] === 'Accepted');
  });
}

function isOwn(result: unknown, event: unknown): boolean {
  return membersOf(result)['quantity'] === membersOf(event)['quantity'];
}

function sentUsage(event: unknown, decided: unknown, isAccepted: boolean): SentUsage {
  const members = membersOf(event);
  const { resourceId, dimension, planId, quantity, effectiveStartTime } = members;
  const earlier = membersOf(membersOf(decided)['additionalInfo'])['acceptedMessage'];
  const { quantity: earlierQuantity, messageTime } = membersOf(earlier);
  return {
    subscriptionId: typeof resourceId === 'string' ? resourceId.toLowerCase() : null,
    dimension: String(dimension).slice(0, 100),
    planId: String(planId).slice(0, 100),
    quantity: typeof quantity === 'number' ? quantity : null,
    effectiveAtMs: typeof effectiveStartTime === 'string' ? (instantOf(effectiveStartTime) ?? null) : null,
    key: keyOf(members),
    isAccepted,
    earlier: earlier === undefined ? null : { quantity: earlierQuantity, messageTime },
  };
}

function keyOf({ resourceId, resourceUri, dimension, planId, effectiveStartTime }: Record<string, unknown>): string {
  const effectiveAtMs = typeof effectiveStartTime === 'string' ? instantOf(effectiveStartTime) : undefined;
  const hour = effectiveAtMs === undefined ? String(effectiveStartTime) : Math.floor(effectiveAtMs / hourMs);
  return JSON.stringify([String(resourceId ?? resourceUri).toLowerCase(), dimension, planId, hour]).slice(0, 1_000);
}

/** What a rule has found about an event: the same event again is the same subject. */
export function about({ requestId }: Call, { key, subscriptionId }: SentUsage, done: string): Found {
  return { subject: key, done, subscriptionId, requestId };
}
