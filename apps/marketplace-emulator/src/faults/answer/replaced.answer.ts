import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { EffectNamed } from '../rule/api.effects';
import { plainAnswer } from './plain.answers';
import type { Surface } from '../route/route.names';

/** Headers that describe the answer which the caller does not receive. */
const headersOfWork = ['operation-location', 'operation-id', 'retry-after', 'location', 'etag', 'content-type', 'content-length'];

/** Replaces an answer by the one of the rule, whatever it was until then, and returns its body; null: none. */
export function replaceByStatus(reply: FastifyReply, effect: EffectNamed<'status'>, surface: Surface): string | null {
  removeHeadersOfWork(reply).code(effect.status);
  const body = effect.body === undefined ? plainAnswer(effect.status, surface) : effect.body;
  if (body !== undefined) reply.header('content-type', 'application/json; charset=utf-8');
  if (effect.retryAfter !== undefined) reply.header('retry-after', String(effect.retryAfter));
  reply.headers(effect.headers ?? {});
  if (body === undefined || effect.status === 204 || effect.status === 304) return null;
  return typeof effect.body === 'string' ? effect.body : JSON.stringify(body);
}

export function replaceByPage(reply: FastifyReply, status = 502): string {
  removeHeadersOfWork(reply).code(status).header('content-type', 'text/html; charset=utf-8');
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  return `<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head>\n<body><h1>${title}</h1><hr></body>\n</html>\n`;
}

function removeHeadersOfWork(reply: FastifyReply): FastifyReply {
  for (const name of headersOfWork) reply.removeHeader(name);
  return reply;
}
