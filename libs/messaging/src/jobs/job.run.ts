import type { MessageHandler } from '@nestjs/microservices';
import { called } from '../consumer/topic.handler';
import type { AnyJobDefinition, Job, JobOutcome } from './job.definition';
import type { CheckedPayload } from './job.ending';
import type { JobRow } from './job.repository';

/** A damaged payload can't heal, and its text belongs into no reason. */
export function checkedPayload({ schema }: AnyJobDefinition, { kind, payload }: JobRow): CheckedPayload {
  const checked = schema.safeParse(parsedJson(kind, payload));
  if (!checked.success) throw Object.assign(new Error(`the payload of ${kind} breaks its schema`), { retriable: false });
  return { data: checked.data as unknown };
}

function parsedJson(kind: string, payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    throw Object.assign(new Error(`the payload of ${kind} is no JSON`), { retriable: false });
  }
}

/** Calls the performer of a job. @throws where it had all its failures, or returns no outcome, for good; and what the performer throws */
export async function outcomeOf(
  definition: AnyJobDefinition,
  handler: MessageHandler,
  row: JobRow,
  payload: CheckedPayload,
): Promise<JobOutcome> {
  if (row.failures >= definition.limits.failures) throw Object.assign(new Error('every run ended in a crash'), { retriable: false });
  const job: Job = {
    id: row.id,
    kind: row.kind,
    key: row.key,
    payload: payload.data,
    attempts: row.attempts,
    deadline: row.deadline?.toISOString(),
    createdAt: row.createdAt.toISOString(),
    ageMs: row.ageMs,
    isRetried: row.isRetried,
    causationId: row.causationId,
    correlationId: row.correlationId,
    traceparent: row.traceparent ?? undefined,
  };
  const outcome = (await called(handler, job)) as JobOutcome | undefined;
  if (!outcome?.kind) throw Object.assign(new Error(`the performer of ${row.kind} returned no outcome`), { retriable: false });
  return outcome;
}
