import { randomUUID } from 'node:crypto';
import type { UsageAnswer, UsageEvent, UsageEventResult, UsageRow } from '@landfall/marketplace-client';

/** Microsoft's metering in memory: the first event of a subscription, dimension and hour is accepted, once (contract 6.3). */
export class FakeUsage {
  /** The batches in the order in which they came. */
  readonly batches: (readonly UsageEvent[])[] = [];
  readonly accepted = new Map<string, UsageEvent & { readonly usageEventId: string }>();
  /** What is said of an event instead; null: nothing at all. */
  answering!: (event: UsageEvent) => Partial<UsageEventResult> | null | undefined;
  rows: UsageRow[] = [];

  reset(): void {
    this.batches.length = 0;
    this.accepted.clear();
    this.rows = [];
    this.answering = () => undefined;
  }

  /** Results come in another order than the events. */
  take(events: readonly UsageEvent[]): UsageAnswer {
    this.batches.push(events);
    const results = events.flatMap((event) => {
      const said = this.answering(event);
      if (said === null) return [];
      return [said ? { ...this.resultOf(event, 'Error'), ...said } : this.record(event)];
    });
    return { results: results.toReversed(), unreadable: 0 };
  }

  private record(event: UsageEvent): UsageEventResult {
    const key = [event.subscriptionId, event.dimension, event.effectiveStartTime.slice(0, 'yyyy-mm-ddThh'.length)].join(' ');
    const earlier = this.accepted.get(key);
    if (earlier) return { ...this.resultOf(event, 'Duplicate'), stored: earlier, code: 'Conflict' };
    const usageEventId = randomUUID();
    this.accepted.set(key, { ...event, usageEventId });
    return { ...this.resultOf(event, 'Accepted'), usageEventId };
  }

  private resultOf(event: UsageEvent, status: UsageEventResult['status']): UsageEventResult {
    const { subscriptionId, dimension, planId, effectiveStartTime } = event;
    const none = { usageEventId: null, stored: null, code: null, message: null };
    return { subscriptionId, dimension, planId, effectiveStartTime, status, messageTime: new Date().toISOString(), ...none };
  }
}
