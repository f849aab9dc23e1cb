import type { FastifyInstance, FastifyReply } from 'fastify';
import { register } from 'prom-client';
import type { HealthKind, HealthRegistry } from '../health/health';
import { UNOBSERVED } from './request.observation';

/**
 * `/metrics`, `/health/live`, `/health/ready` and `/openapi.json`, which describes what needs a token: for the operator's own network, so
 * they themselves ask for none. They are Fastify's own routes, so that no guard or interceptor of an application stands before a probe.
 */
export function addManagementRoutes(fastify: FastifyInstance, health: HealthRegistry, openApi: () => Promise<object>): void {
  fastify.get('/metrics', UNOBSERVED, async (_request, reply) => {
    void reply.type(register.contentType);
    return register.metrics();
  });
  fastify.get('/health/live', UNOBSERVED, (_request, reply) => answer(reply, health, 'live'));
  fastify.get('/health/ready', UNOBSERVED, (_request, reply) => answer(reply, health, 'ready'));
  fastify.get('/openapi.json', UNOBSERVED, openApi);
}

async function answer(reply: FastifyReply, health: HealthRegistry, kind: HealthKind): Promise<object> {
  const { healthy, checks } = await health.examine(kind);
  void reply.status(healthy ? 200 : 503).header('cache-control', 'no-store');
  return { status: healthy ? 'ok' : 'failed', checks };
}
