import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IdentityRecorder } from '../breaches/identity.recorder';
import { whenOver } from '../calls/call.end';
import type { CallLedger } from '../calls/call.ledger';
import type { CallFaults } from '../faults/call.faults';
import { EntraError, entraErrors } from './entra.error';

/** The identity service as a whole: its routes, its way to write errors, its lines in the ledger. */
export function identityPlugin(
  routes: { register(server: FastifyInstance): void }[],
  ledger: Pick<CallLedger, 'record'>,
  faults: CallFaults,
  recorder: IdentityRecorder,
) {
  return async (server: FastifyInstance) => {
    server.addHook('onRequest', async (request, reply) =>
      whenOver(reply, (status) =>
        ledger.record({
          direction: 'inbound',
          surface: 'identity',
          method: request.method,
          path: request.url,
          status,
          tookMs: Math.round(reply.elapsedTime),
          requestId: headerOf(request, 'client-request-id'),
          correlationId: null,
          subscriptionId: null,
          operationId: null,
          faultId: request.fault?.id ?? null,
        }),
      ),
    );
    faults.guard(server, 'identity');
    recorder.guard(server);
    const parent = server.errorHandler;
    server.setErrorHandler(async (error, request, reply) => {
      if (error instanceof EntraError) return reply.code(error.status).send(error.body());
      if (isOfClient(error)) return reply.code(error.statusCode).send(entraErrors.malformed().body());
      return parent(error as Parameters<typeof parent>[0], request, reply);
    });
    for (const route of routes) route.register(server);
  };
}

/** The server's own refusals: a body that is too long, or not JSON. */
function isOfClient(error: unknown): error is Error & { statusCode: number } {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500;
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
