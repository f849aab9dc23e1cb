import { boundedServer } from '@landfall/http-server';
import Fastify, { type FastifyInstance } from 'fastify';
import { limits } from './limits';
import { readBodiesByType } from './request.bodies';
import { StoreClosed } from './state/store.closed';

/**
 * The HTTP server. Bodies are read as the clients of the real service send them: an empty body may be announced as JSON. Paths are matched
 * without regard to case and to a slash at the end (contract 3.1.1), and of several
 * slashes in a row one counts: Microsoft's Java SDK and a published sample send `//`.
 */
export function createServer(onError: (error: unknown) => void): FastifyInstance {
  const server = Fastify({
    logger: false, // calls are kept in the ledger, with what may be shown
    bodyLimit: limits.readBodyBytes,
    serverFactory: (handler) => boundedServer(handler, limits.server),
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 300 },
    forceCloseConnections: true,
  });
  readBodiesByType(server);
  server.setErrorHandler(async (error, _request, reply) => {
    const status =
      typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
    if (status >= 500 && !(error instanceof StoreClosed)) onError(error);
    const message = status >= 500 ? 'Something went wrong in the emulator; its log says what.' : (error as Error).message;
    return reply.code(status).send({ error: { code: status >= 500 ? 'UnexpectedError' : 'BadRequest', message } });
  });
  return server;
}
