import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ControlInputError } from './control.schemas';

/** The calls that read a body, and those that read parameters behind the question mark; each checks its own by a strict schema. */
const readingBody = new Set([
  'POST /purchases',
  'POST /subscriptions/bulk',
  ...['change-plan', 'change-quantity', 'suspend', 'reinstate', 'renew', 'unsubscribe', 'webhooks'].map(
    (act) => `POST /subscriptions/:subscriptionId/${act}`,
  ),
  'PATCH /subscriptions/:subscriptionId',
  'PUT /offers/:offerId',
  'PATCH /offers/:offerId/plans/:planId',
  'POST /people',
  'POST /deliveries/:id/redeliver',
  'POST /webhooks/pause',
  'POST /webhooks/resume',
  'POST /webhooks/:operationId/deliver',
  'POST /clock/advance',
  'POST /faults',
  'POST /reconciliations',
  'POST /applications',
  'PATCH /applications/:clientId',
  ...['secrets', 'certificates', 'federated-credentials'].map((kind) => `POST /applications/:clientId/${kind}`),
  'POST /keys/rotate',
  'PATCH /settings',
  'POST /snapshots',
  'PUT /snapshots/:name',
]);

const readingQuery = new Set(
  ['/subscriptions', '/deliveries', '/calls', '/webhooks', '/people', '/breaches', '/usage-events'].map((path) => `GET ${path}`),
);

/** Refuses members and parameters that a call does not read: whoever sends them believes that they do something. */
export function refuseUnreadInput(server: FastifyInstance): void {
  server.addHook('preHandler', async (request) => {
    const call = callOf(request, server.prefix);
    if (!readingQuery.has(call)) refuse(call, 'parameters', request.query);
    if (!readingBody.has(call)) refuse(call, 'body', request.body);
  });
}

function refuse(call: string, what: string, input: unknown): void {
  if (input === undefined || input === null) return;
  const names = typeof input === 'object' && !Array.isArray(input) ? Object.keys(input) : ['(body)'];
  if (names.length === 0) return;
  const problem = `${call} takes no ${what}`;
  throw new ControlInputError(
    `${problem}: ${names.join(', ')}`,
    names.map((field) => ({ field, problem })),
  );
}

function callOf({ method, routeOptions }: FastifyRequest, prefix: string): string {
  return `${method === 'HEAD' ? 'GET' : method} ${(routeOptions.url ?? '').slice(prefix.length)}`;
}
