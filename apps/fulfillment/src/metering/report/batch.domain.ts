import { usageAnswered, type MessageOf, type reportUsage } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../../backoff';
import { answerOf, resultsByEvent, type ReportAnswer } from './batch.answer';
import { reportBatch } from './report.job';
import { isOpen, newBatch, type BatchPart, type EventAnswer, type EventProgress, type UsageBatch } from './usage.batch';

/** Between calls of one part: usage has hours, and nobody waits for it. */
const BACKOFF: Backoff = { firstMs: 2_000, limitMs: 300_000 };

/** Billing hands over a batch. It comes again, and is the same one: nothing else is ever sent under its id. */
export function orderReport(batch: UsageBatch | undefined, { data }: MessageOf<typeof reportUsage>): Outcome<UsageBatch> {
  const { batchId, deadline } = data;
  const job = reportBatch({ batchId }, { deadline });
  if (!batch) return changed(newBatch(data), job);
  if (!isSameBatch(batch, data)) return ignored('another batch has this id already, and that one holds');
  return batch.answeredAt === null ? ignored('the batch is on its way already', job) : ignored('the batch was answered already');
}

const isSameBatch = (batch: UsageBatch, data: MessageOf<typeof reportUsage>['data']): boolean =>
  JSON.stringify(data.events.map(keysInOrder)) === JSON.stringify(batch.events.map(keysInOrder));

const keysInOrder = ({ subscriptionId, dimension, planId, quantity, effectiveStartTime }: UsageBatch['events'][number]) => [
  ...[subscriptionId, dimension, planId, quantity, effectiveStartTime],
];

/** What a batch does now: its end, or the call for one part, the one that was tried least. */
export type BatchStep = { readonly next: 'end' } | { readonly next: 'send'; readonly part: BatchPart };

export function nextStep(batch: UsageBatch, now: Date): BatchStep {
  const part = leastTried(batch);
  return part && !isTooLate(batch, now) ? { next: 'send', part } : { next: 'end' };
}

/** Nothing is sent from the deadline on. */
export const isTooLate = ({ deadline }: Pick<UsageBatch, 'deadline'>, now: Date): boolean => now.getTime() >= Date.parse(deadline);

const leastTried = ({ parts }: UsageBatch): BatchPart | undefined => parts.toSorted((one, other) => one.tries - other.tries)[0]; // of equals the first

/**
 * How a call ended. `answered`: Microsoft says something about its events. `unanswered`: it may have been received. `refused`: as a whole, for one of its events (400). `undone`:
 * nothing was recorded, and no event is at fault: we were not let in, were too fast, or it did not leave.
 */
export type CallEnd = { readonly afterMs?: number } & (
  | { readonly kind: 'answered'; readonly answer: ReportAnswer }
  | { readonly kind: 'unanswered' | 'undone'; readonly why: string }
  | { readonly kind: 'refused'; readonly answer: EventAnswer }
);

/** A call that has ended, with the events that it carried or was to carry. */
export interface EndedCall {
  readonly events: readonly number[];
  /** The ids under which it was written down. */
  readonly requestIds: readonly string[];
  /** The one of them under which it surely did not leave. */
  readonly unsent: string | null;
  readonly registration: string | null;
  readonly end: CallEnd;
}

/** A run was killed, or lost its job, between an attempt and what became of it: nobody saw an answer. */
export function afterCrash(batch: UsageBatch): UsageBatch {
  const { inFlight } = batch;
  if (!inFlight) return batch;
  const end = { kind: 'unanswered', why: 'the process ended before it saw an answer' } as const;
  return afterCall(batch, {
    events: inFlight.events,
    requestIds: [inFlight.requestId],
    unsent: null,
    registration: batch.registration,
    end,
  });
}

/** The batch after a call. An attempt of another run that is in flight was not answered. */
export function afterCall(batch: UsageBatch, call: EndedCall): UsageBatch {
  const { inFlight } = batch;
  if (inFlight && !call.requestIds.includes(inFlight.requestId)) return afterCall(afterCrash(batch), call);
  const progress = progressAfter(batch, call);
  const left = batch.parts.map((part) => ({ ...part, events: part.events.filter((place) => !call.events.includes(place)) }));
  const again = partsAfter(batch, call, progress);
  const lastId = call.requestIds.filter((id) => id !== call.unsent).at(-1);
  return {
    ...{ ...batch, progress, inFlight: null },
    parts: [...again, ...left].filter(({ events }) => events.length > 0),
    ...(lastId !== undefined && { requestId: lastId, registration: call.registration }),
  };
}

function progressAfter({ events, progress }: UsageBatch, call: EndedCall): EventProgress[] {
  const { end } = call;
  const results = end.kind === 'answered' ? resultsByEvent(events, call.events, end.answer.results) : new Map();
  return progress.map((before, place) => {
    if (!call.events.includes(place)) return before;
    switch (end.kind) {
      case 'answered': {
        const result = results.get(place);
        return result ? { ...before, answer: answerOf(result) } : { ...before, unanswered: before.unanswered + 1, why: leftOut };
      }
      case 'unanswered':
        return { ...before, unanswered: before.unanswered + 1, why: end.why };
      case 'undone':
        return { ...before, why: end.why };
      case 'refused':
        return call.events.length === 1 ? { ...before, answer: end.answer } : { ...before, why: end.answer.reason };
    }
  });
}

const leftOut = 'Microsoft’s answer says nothing of it';

/** What of the call is to be sent again: a batch that was refused is halved until the fault stands alone. */
function partsAfter({ parts }: UsageBatch, { events, end }: EndedCall, progress: readonly EventProgress[]): BatchPart[] {
  if (end.kind === 'refused' && events.length > 1) {
    const middle = Math.ceil(events.length / 2);
    return [events.slice(0, middle), events.slice(middle)].map((half) => ({ events: half, tries: 0 }));
  }
  const tries = parts.find((part) => part.events.includes(events[0]!))?.tries ?? 0;
  return [{ events: events.filter((place) => isOpen(progress[place]!)), tries: tries + 1 }];
}

/** How long until the next call of the batch, or its end. What Microsoft asks for holds for all of it. */
export function untilNextMs(batch: UsageBatch, { afterMs = 0 }: Pick<CallEnd, 'afterMs'>, now: Date): number {
  const part = leastTried(batch);
  if (!part) return 0;
  const untilDeadlineMs = Math.max(0, Date.parse(batch.deadline) - now.getTime());
  return Math.min(untilDeadlineMs, Math.max(afterMs, part.tries === 0 ? 0 : backoffMs(part.tries, BACKOFF)));
}

/** The end of a batch: what Microsoft said of each event, and how often it said nothing. */
export const answerToBilling = ({ batchId, publisherId, registration, requestId, events, progress }: UsageBatch, now: Date) =>
  usageAnswered({
    ...{ batchId, publisherId, registration, requestId, reportedAt: now.toISOString() },
    results: events.map((event, place) => {
      const { unanswered, answer, why } = progress[place]!;
      if (answer) return { ...event, ...answer, unanswered };
      const status = unanswered > 0 ? null : 'unsent';
      return { ...event, status, unanswered, usageEventId: null, stored: null, messageTime: null, code: null, reason: why };
    }),
  });
