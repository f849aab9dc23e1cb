import Fastify, { type FastifyInstance } from 'fastify';
import { limits } from './limits';

/**
 * The HTTP server. Bodies are read as the clients of the real service send them: an empty body may be announced as JSON, a form is a form, anything else is left
 * unread. Paths are matched without regard to case and to a slash at the end (contract 3.1.1).
 */
export function createServer(onFault: (error: unknown) => void): FastifyInstance {
  const server = Fastify({
    logger: false, // calls are kept in the ledger, with what may be shown
    bodyLimit: limits.requestBodyBytes,
    http: { maxHeaderSize: limits.requestHeaderBytes },
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 300 },
    forceCloseConnections: true,
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, String(body).trim() === '' ? undefined : JSON.parse(String(body)));
    } catch {
      done(Object.assign(new Error('The body is not valid JSON.'), { statusCode: 400 }));
    }
  });
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null, undefined));
  server.setErrorHandler(async (error, _request, reply) => {
    const status =
      typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
    if (status >= 500) onFault(error);
    const message = status >= 500 ? 'Something went wrong in the emulator; its log says what.' : (error as Error).message;
    return reply.code(status).send({ error: { code: status >= 500 ? 'UnexpectedError' : 'BadRequest', message } });
  });
  return server;
}
