import type { DataOf, reportUsage, UsageEvent, UsageResult, UsageStatus } from '@landfall/contracts';

/** Microsoft's last word about an event. */
export type EventAnswer = Pick<UsageResult, 'usageEventId' | 'stored' | 'messageTime' | 'code' | 'reason'> & {
  readonly status: UsageStatus;
};

/** How far an event has come. */
export interface EventProgress {
  /** Attempts that carried it and were not answered: each may have reached Microsoft. */
  readonly unanswered: number;
  readonly answer: EventAnswer | null;
  /** Why the last attempt brought no answer about it, in words for people. */
  readonly why: string | null;
}

/** Events that go into one call, by their place in the batch. */
export interface BatchPart {
  readonly events: readonly number[];
  /** Calls since it was made that brought none of them to an end. */
  readonly tries: number;
}

/** An attempt that was written down before it left, and whose answer is not written down yet. */
export interface AttemptInFlight {
  readonly requestId: string;
  readonly events: readonly number[];
}

/** A batch of usage events on its way to Microsoft. What it carries never changes; it ends once. */
export interface UsageBatch extends Pick<DataOf<typeof reportUsage>, 'batchId' | 'publisherId' | 'deadline'> {
  readonly events: readonly UsageEvent[];
  /** In the order of the events. */
  readonly progress: readonly EventProgress[];
  /** What is still to be sent: each open event is in one of them. */
  readonly parts: readonly BatchPart[];
  readonly inFlight: AttemptInFlight | null;
  /** Of the last call: with whose token, and our id of it. */
  readonly registration: string | null;
  readonly requestId: string | null;
  /** When its end was published; null: it is open. */
  readonly answeredAt: string | null;
}

const untouched: EventProgress = { unanswered: 0, answer: null, why: null };

export const newBatch = ({ batchId, publisherId, deadline, events }: DataOf<typeof reportUsage>): UsageBatch => ({
  ...{ batchId, publisherId, deadline, events },
  progress: events.map(() => untouched),
  parts: [{ events: events.map((_event, place) => place), tries: 0 }],
  ...{ inFlight: null, registration: null, requestId: null, answeredAt: null },
});

/** `Error` says neither that Microsoft has the event nor that it has not: it is sent again (contract 6.3, 8). */
export const isOpen = ({ answer }: EventProgress): boolean => answer === null || answer.status === 'Error';
