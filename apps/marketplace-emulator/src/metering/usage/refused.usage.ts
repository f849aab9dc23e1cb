import { limits } from '../../limits';
import { RingBuffer } from '../../state/ring.buffer';
import type { Clock } from '../../time/clock';
import type { UsageOutcome } from './usage.event';
import { membersOf } from './usage.reading';

/** An event that was not accepted, as far as it can be read. */
export interface RefusedUsage {
  at: string;
  requestId: string;
  /** The named resource in lower case; null where the event names none. */
  subscriptionId: string | null;
  status: UsageOutcome['status'];
  message: string;
  event: Record<string, string | number | null>;
}

/** The newest events that were not accepted, for `GET /control/usage-events`. They are not kept over a restart. */
export class RefusedUsageLog {
  readonly entries = new RingBuffer<RefusedUsage>(limits.keptRefusedUsageEvents);

  constructor(private readonly clock: Pick<Clock, 'timeStamp'>) {}

  record(raw: unknown, outcome: UsageOutcome, requestId: string): void {
    if (outcome.status === 'Accepted') return;
    const { resourceId, resourceUri, quantity, dimension, effectiveStartTime, planId } = membersOf(raw);
    this.entries.add({
      at: this.clock.timeStamp(),
      requestId,
      subscriptionId: typeof resourceId === 'string' ? clipped(resourceId).toLowerCase() : null,
      status: outcome.status,
      message: messageOf(outcome),
      event: Object.fromEntries(
        Object.entries({ resourceId, resourceUri, quantity, dimension, effectiveStartTime, planId })
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, shown(value)]),
      ),
    });
  }
}

function messageOf(outcome: Exclude<UsageOutcome, { status: 'Accepted' }>): string {
  if (outcome.status === 'Duplicate') return `Usage event ${outcome.earlier.usageEventId} was accepted for the same hour.`;
  return outcome.problems.map(({ message }) => message).join(' ');
}

function shown(value: unknown): string | number | null {
  if (typeof value === 'number' || value === null) return value;
  return clipped(typeof value === 'string' ? value : `(${Array.isArray(value) ? 'array' : typeof value})`);
}

function clipped(text: string): string {
  return text.slice(0, limits.keptUsageCharacters);
}
