import type { FastifyInstance } from 'fastify';
import { limits } from './limits';

type Done = (error: Error | null, body?: unknown) => void;

/** JSON or a form, by the content type; what comes under any other is left unread, as at the real service. */
export function readBodiesByType(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, bounded(json));
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    bounded((text) => new URLSearchParams(text)),
  );
  server.addContentTypeParser(
    '*',
    { parseAs: 'string' },
    bounded(() => undefined),
  );
}

/**
 * JSON under a JSON content type, and nothing else: a page of another origin can send any other type without asking first, and an order in
 * an ignored body would become the default order.
 */
export function readBodiesAsJson(server: FastifyInstance, maxBytes: number = limits.requestBodyBytes): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(/^application\/([\w.-]{1,100}\+)?json\s*(;|$)/i, { parseAs: 'string' }, bounded(json, maxBytes));
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request: unknown, _body: string, done: Done) =>
    done(clientError(415, 'The body must be JSON, under the content type application/json; with curl, write --json instead of -d.')),
  );
}

/**
 * Refuses what is longer than we take, after it was read: most clients do not see an answer that comes while they still write. What is
 * longer than we read is cut off by the server.
 */
function bounded(parse: (text: string) => unknown, maxBytes: number = limits.requestBodyBytes) {
  return (_request: unknown, body: string, done: Done) => {
    if (Buffer.byteLength(body) > maxBytes) return done(clientError(413, `The body is longer than ${maxBytes / 1_048_576} MB.`));
    try {
      done(null, parse(body));
    } catch {
      done(clientError(400, 'The body is not valid JSON.')); // JSON.parse throws nothing else
    }
  };
}

function json(text: string): unknown {
  return text.trim() === '' ? undefined : JSON.parse(text);
}

function clientError(statusCode: 400 | 413 | 415, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}
