import type { FastifyInstance } from 'fastify';
import type { Addresses } from '../identity/addresses';
import { readBodiesAsJson } from '../request.bodies';
import { ControlInputError } from './control.schemas';
import { keepForeignPagesOut } from './own.origin';
import { refuseUnreadInput } from './unread.input';

/** The control API below `/control`. Wrong input is answered by what is wrong and what is allowed. */
export function controlPlugin(addresses: Pick<Addresses, 'ownHosts'>, ...routes: { register(server: FastifyInstance): void }[]) {
  return async (server: FastifyInstance) => {
    keepForeignPagesOut(server, addresses);
    refuseUnreadInput(server);
    readBodiesAsJson(server);
    const parent = server.errorHandler;
    server.setErrorHandler(async (error, request, reply) => {
      if (error instanceof ControlInputError) return reply.code(400).send({ error: error.message, problems: error.problems });
      if (hasClientStatus(error)) return reply.code(error.statusCode).send({ error: error.message, problems: [] });
      return parent(error as Parameters<typeof parent>[0], request, reply);
    });
    server.setNotFoundHandler((request, reply) =>
      reply.code(404).send({
        error: `There is no ${request.method} ${request.url.split('?', 1)[0]}; docs/control.md of the marketplace-emulator lists the control API.`,
      }),
    );
    for (const route of routes) route.register(server);
  };
}

/** The server's own refusals: a body that is too long, or not JSON. */
function hasClientStatus(error: unknown): error is Error & { statusCode: number } {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500;
}
