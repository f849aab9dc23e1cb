import { STATUS_CODES } from 'node:http';
import { HttpException, NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isOutage } from '../postgres/outage';

/** When to come again after a 503, where the error does not say it. */
const RETRY_AFTER_SECONDS = 5;

/** RFC 9457. `correlationId` is what a caller quotes and an operator searches the log for. */
interface Problem {
  type: 'about:blank';
  title: string;
  status: number;
  detail?: string;
  /** The error's own name, where it has one: `REFUSED` or `NOT_YET` of a 409. */
  code?: string;
  errors?: string[];
  correlationId: string;
}

/**
 * Answers an error as `application/problem+json`. What an `HttpException` says was written for the caller; of anything else the caller learns
 * only whether trying again can help. A 503 always says when to come again, and so does every error with `retryAfterMs`.
 */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = { ...problemOf(error), correlationId: request.id } satisfies Problem;
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  const retryAfter = retryAfterSeconds(error, problem.status);
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
  void reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** For a server without an application of Nest behind its errors: unknown paths, and bodies that can't be read. */
export function answerWithProblems(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => answerProblem(saidByFastify(error), request, reply));
  server.setNotFoundHandler((request, reply) =>
    answerProblem(new NotFoundException(`Cannot ${request.method} ${request.url}`), request, reply),
  );
}

function saidByFastify(error: unknown): unknown {
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  return typeof statusCode === 'number' && statusCode < 500 ? new HttpException(String(message), statusCode) : error;
}

function retryAfterSeconds(error: unknown, status: number): number | undefined {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown };
  if (typeof retryAfterMs === 'number') return Math.ceil(retryAfterMs / 1000);
  return status === 503 ? RETRY_AFTER_SECONDS : undefined;
}

function problemOf(error: unknown): Omit<Problem, 'correlationId'> {
  if (error instanceof HttpException) return { ...titled(error.getStatus()), ...writtenIn(error), ...codeOf(error) };
  if (isRetriable(error)) return { ...titled(503), detail: 'This cannot be answered now. Try again in a moment.' };
  return { ...titled(500), detail: 'Something went wrong here. Quote the correlation id when you report it.' };
}

function titled(status: number): Pick<Problem, 'type' | 'title' | 'status'> {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status };
}

const codeOf = (error: HttpException): Pick<Problem, 'code'> => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? { code } : {};
};

function writtenIn(error: HttpException): Pick<Problem, 'detail' | 'errors'> {
  const response = error.getResponse();
  const message = typeof response === 'string' ? response : (response as { message?: unknown }).message;
  if (Array.isArray(message)) return { detail: 'The request is not valid.', errors: message.map(String) };
  return typeof message === 'string' ? { detail: message } : {};
}

/** The database is away, or the error says itself that trying again may help. */
export function isRetriable(error: unknown): boolean {
  return (error as { retriable?: unknown } | null)?.retriable === true || isOutage(error);
}
