import type { FastifyInstance, FastifyReply } from 'fastify';
import { register } from 'prom-client';
import type { HealthKind, HealthRegistry } from '../health/health';
import { UNMEASURED } from './request.measurement';

/**
 * `/metrics`, `/health/live`, `/health/ready` and `/openapi.json`, which describes what needs a token: for the operator's own network, so
 * they themselves ask for none. They are Fastify's own routes, so that no guard or interceptor of an application stands before a probe.
 */
export function addManagementRoutes(fastify: FastifyInstance, health: HealthRegistry, openApi: () => Promise<object>): void {
  fastify.get('/metrics', UNMEASURED, async (_request, reply) => {
    void reply.type(register.contentType);
    return register.metrics();
  });
  fastify.get('/health/live', UNMEASURED, (_request, reply) => answer(reply, health, 'live'));
  fastify.get('/health/ready', UNMEASURED, (_request, reply) => answer(reply, health, 'ready'));
  fastify.get('/openapi.json', UNMEASURED, openApi);
}

async function answer(reply: FastifyReply, health: HealthRegistry, kind: HealthKind): Promise<object> {
  const { healthy, ...report } = await health.examine(kind);
  void reply.status(healthy ? 200 : 503).header('cache-control', 'no-store');
  return { status: healthy ? 'ok' : 'failed', ...report };
}
