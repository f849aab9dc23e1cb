import type { FastifyInstance } from 'fastify';

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

/**
 * Answers every request in time, with 503 where its handler has not. Fastify's own `handlerTimeout` does not: it forgets a request whose body has been read.
 * The handler goes on, and what it answers later is passed over.
 */
export function answerInTime(fastify: FastifyInstance, limitMs: number): void {
  fastify.addHook('preHandler', (_request, reply, done) => {
    const timer = setTimeout(() => {
      if (!reply.sent) void reply.send(new NotAnsweredInTime(`not answered within ${limitMs} ms`));
    }, limitMs);
    reply.raw.once('close', () => clearTimeout(timer));
    done();
  });
}
