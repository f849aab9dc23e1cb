import type { FastifyInstance } from 'fastify';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Clock } from '../time/clock';
import { addAnswerTraits } from './answer.traits';
import type { ApiGate } from './api.gate';

/** The marketplace API below `/api`. */
export function fulfillmentPlugin(
  gate: ApiGate,
  settings: SettingsRepository,
  clock: Clock,
  ...routes: { register(server: FastifyInstance): void }[]
) {
  return async (server: FastifyInstance) => {
    gate.guard(server);
    addAnswerTraits(server, settings, clock);
    server.setErrorHandler(async (error, _request, reply) => {
      const status = statusOf(error);
      if (status >= 500) throw error; // to the server's own handler
      return reply.code(status).send({ message: error instanceof Error ? error.message : 'Bad request', code: 'BadArgument' });
    });
    server.setNotFoundHandler((_request, reply) =>
      reply.code(404).send({ message: 'No HTTP resource was found that matches the request.', code: 'EntityNotFound' }),
    );
    for (const route of routes) route.register(server);
  };
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
