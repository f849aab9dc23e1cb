import type { Type } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { blockedKey, deadLetter } from './dead-letter/dead-letter.view';
import { storedJob } from './job/job.view';
import { recordedAct } from './act/operator-act.view';

/** Loaded when somebody asks for `/openapi.json`, not before. */

const schemaOf = (view: z.ZodType) => z.toJSONSchema(view, { target: 'openapi-3.0' }) as object;

/** Of an endpoint that gives what belongs to something else. `whose`: what that is. */
export const whereKnown = (whose: string): MethodDecorator =>
  ApiResponse({ status: 404, description: `Landfall does not know this ${whose}: code \`NOT_FOUND\`` });

/** Of an endpoint that gives some items, without pages. */
export const describesSome = (summary: string, item: z.ZodType): MethodDecorator[] => [
  ApiOperation({ summary }),
  ApiResponse({ status: 200, description: 'All that are shown; empty where there is none', schema: schemaOf(z.array(item)) }),
  ApiResponse({ status: 400, description: 'A filter that does not exist, or is out of its bounds' }),
];

export const describesPage = (summary: string, item: z.ZodType): MethodDecorator[] => [
  ApiOperation({ summary }),
  ApiResponse({
    status: 200,
    description: 'One page',
    schema: schemaOf(z.object({ items: z.array(item), next: z.string().nullable().describe('`after` of the next page; null at the end') })),
  }),
  ApiResponse({ status: 400, description: 'A filter that does not exist, or is out of its bounds' }),
];

/** Of an endpoint that gives one. */
export const describesOne = (summary: string, view: z.ZodType): MethodDecorator[] => [
  ApiOperation({ summary }),
  ApiResponse({ status: 200, description: 'As it stands', schema: schemaOf(view) }),
  ApiResponse({ status: 400, description: 'An id that is none, or a filter that is missing or out of its bounds' }),
  ApiResponse({ status: 404, description: 'It does not exist, or no longer' }),
];

/** Of an endpoint that streams some items, one a line. `busy`: what its 503 says. */
export const describesLines = (summary: string, item: z.ZodType, busy: string): MethodDecorator[] => [
  ApiOperation({ summary }),
  ApiProduces('application/x-ndjson'),
  ApiResponse({ status: 200, description: 'NDJSON. An answer that is cut off is not whole: ask again.', schema: schemaOf(item) }),
  ApiResponse({ status: 400, description: 'A filter that does not exist, or is out of its bounds' }),
  ApiResponse({ status: 503, description: busy }),
];

const itsRecord = { status: 200, description: 'It is done, and this is its record', view: recordedAct as z.ZodType };

/** Of an act. `conflict`: what its 409 says; `answer`: what it is answered where that is not the record of the act. */
export const describesAct = (summary: string, conflict: string, answer = itsRecord): MethodDecorator[] => [
  ApiOperation({ summary }),
  ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: 'Chosen by the caller, printable ASCII without spaces. The same act under the same key is done once, and answered alike.',
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  }),
  ApiResponse({ status: answer.status, description: answer.description, schema: schemaOf(answer.view) }),
  ApiResponse({ status: 400, description: 'No Idempotency-Key, no reason, or something else that is missing or out of its bounds' }),
  ApiResponse({ status: 404, description: 'It does not exist: code `NOT_FOUND`' }),
  ApiResponse({ status: 409, description: conflict }),
  ApiResponse({ status: 422, description: 'The key was used for another act: code `IDEMPOTENCY_KEY_REUSED`' }),
];

const act = (summary: string) =>
  describesAct(summary, 'It is in no state for this: code `NOT_BLOCKED`, `NOT_FIRST`, `NOT_DEAD` or `OUT_OF_RANGE`');

export const describeDeadLetters = (controller: Type): void =>
  describe(controller, {
    list: describesPage('Blocked keys, the longest blocked first, each with the dead letter at its head', blockedKey),
    find: describesOne('One dead letter, without its data, and what waits behind it', deadLetter),
    retry: act('Try its key again now, with all attempts before it'),
    discard: act('Give the first message of a key up for ever; what waits behind it goes on'),
  });

export const describeJobs = (controller: Type): void =>
  describe(controller, {
    list: describesPage('Jobs, those that are dead or unknown where no state is named, the oldest first', storedJob),
    find: describesOne('One job, without its payload', storedJob),
    retry: act('Let a dead job run again now'),
    discard: act('Give a job up for ever that is dead or unknown; the next one of its key goes on'),
  });

export const describeTopics = (controller: Type): void =>
  describe(controller, {
    republish: act('Publish once more what the outbox still has of a topic, of a time or of a key; `after.messages` says how many'),
    rebuild: act('Say the states of a compacted topic again, from the table, 200 at a time; `after.next` is where the next act goes on'),
  });

export const describeOperatorActs = (controller: Type): void =>
  describe(controller, { list: describesPage('What operators did in this service and why, the newest first', recordedAct) });

/** Puts descriptions on the handlers of a controller, by their names. `tag`: under which heading they are shown. */
export function describe(controller: Type, handlers: Readonly<Record<string, MethodDecorator[]>>, tag = 'operators'): void {
  ApiTags(tag)(controller);
  const prototype = controller.prototype as object;
  for (const [name, decorators] of Object.entries(handlers)) {
    const handler = Object.getOwnPropertyDescriptor(prototype, name);
    const always = [
      ApiResponse({ status: 401, description: 'No token, or one that is not believed' }),
      ApiResponse({ status: 403, description: 'The role is missing' }),
    ];
    if (handler) for (const decorate of [...decorators, ...always]) decorate(prototype, name, handler);
  }
}
