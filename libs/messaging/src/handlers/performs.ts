import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { transportId } from './consumes';
import { ErrorsAsTheyAre } from './errors-as-they-are.filter';
import type { AnyJobDefinition, JobOf, JobOutcome } from '../jobs/job.definition';

type Performer<D extends AnyJobDefinition, Outcome> = TypedPropertyDescriptor<(job: JobOf<D>) => Promise<Outcome>>;

/**
 * The controller method below performs jobs of this kind, one per key at a time. It may run again after a crash, so it asks before it acts.
 * A thrown error is a failure: tried again after 1 s … 1 h, or after its `retryAfterMs`; with `retriable = false` the job is dead.
 *
 * It is an event pattern of our transport, like a topic: Nest then runs guards, pipes and interceptors around it as around every handler.
 */
export const Performs = <D extends AnyJobDefinition>(job: D) =>
  applyDecorators(EventPattern<string>(`job:${job.kind}`, transportId, { job }), UseFilters(ErrorsAsTheyAre)) as <
    Outcome extends JobOutcome,
  >(
    target: object,
    method: string | symbol,
    descriptor: Performer<D, Outcome>,
  ) => void;
