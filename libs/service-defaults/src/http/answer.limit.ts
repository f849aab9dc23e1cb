import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * From a request that is read to its answer, whatever its handler waits for: the database, Kafka, Microsoft. Microsoft does not say how long it waits for a
 * webhook's answer; five seconds are thought to be safe (contract 4.4), and people don't wait much longer. A 503 that says when to come again is worth more
 * than an answer that nobody waits for any more.
 */
export const ANSWER_LIMIT_MS = 4_000;

/** What a handler waits for did not come. It may still come, and its work be done: whoever asks again must be able to do so. */
export class NotAnsweredInTime extends Error {
  readonly code = 'NOT_ANSWERED_IN_TIME';
  readonly retriable = true;
}

/** Gives an answer that is under way another limit, counted from then. */
const postponements = new WeakMap<ServerResponse, (limitMs: number) => void>();

/**
 * For a handler that waits on purpose, and ends its wait by itself before that: the answer is due so long from now. Does nothing where answers have no
 * limit, as in a spec that has no server around its handlers.
 */
export const answerWithin = ({ raw }: Pick<FastifyReply, 'raw'>, limitMs: number): void => postponements.get(raw)?.(limitMs);

/**
 * Answers every request in time, with 503 where its handler has not. Fastify's own `handlerTimeout` does not: it forgets a request whose body has been read.
 * The handler goes on, and what it answers later is passed over.
 */
export function answerInTime(fastify: FastifyInstance, limitMs: number): void {
  fastify.addHook('preHandler', (_request, reply, done) => {
    let timer: NodeJS.Timeout | undefined;
    const answerIn = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!reply.sent) void reply.send(new NotAnsweredInTime(`not answered within ${ms} ms`));
      }, ms);
    };
    answerIn(limitMs);
    postponements.set(reply.raw, answerIn);
    reply.raw.once('close', () => {
      postponements.delete(reply.raw);
      clearTimeout(timer);
    });
    done();
  });
}
