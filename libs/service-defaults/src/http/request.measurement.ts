import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { inRequest } from '../log/log';
import { measureRequest } from './request.metrics';

const CORRELATION_HEADER = 'x-correlation-id';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Routes that are asked every few seconds by machines; they are neither logged nor measured. */
export const UNMEASURED = { config: { unmeasured: true } } as const;

/** The correlation id of a request: the caller's where it is a UUID (anything else could be forged log text), otherwise a new one. It is `request.id`. */
export function correlationIdOf(request: IncomingMessage): string {
  const given = request.headers[CORRELATION_HEADER];
  return typeof given === 'string' && UUID.test(given) ? given.toLowerCase() : randomUUID();
}

/**
 * Logs and measures every request, refused and unknown ones included, which is why this is a hook of Fastify's and no interceptor of Nest's:
 * an interceptor sees only what the guards let through. Of a request the log shows method, route template, status, duration and correlation
 * id; never its query, headers or body.
 */
export function measureRequests(fastify: FastifyInstance): void {
  const logger = new Logger('Request');
  fastify.addHook('onRequest', async (request, reply) => void reply.header(CORRELATION_HEADER, request.id));
  fastify.addHook('preHandler', (request, _reply, done) => inRequest(request.id, done));
  fastify.addHook('onResponse', async (request, reply) => {
    if (isUnmeasured(request)) return;
    const observed = { method: request.method, route: request.routeOptions.url ?? 'unmatched', status: reply.statusCode };
    measureRequest({ ...observed, seconds: reply.elapsedTime / 1000 });
    logger.log({ ...observed, ms: roundedMs(reply), correlationId: request.id }, 'request');
  });
}

function isUnmeasured(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { unmeasured?: boolean }).unmeasured === true;
}

function roundedMs(reply: FastifyReply): number {
  return Math.round(reply.elapsedTime * 10) / 10;
}
