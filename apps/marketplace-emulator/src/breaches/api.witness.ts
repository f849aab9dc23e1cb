import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routeOf } from '../faults/route.lookup';
import type { PurchaseTokens } from '../fulfillment/purchase.tokens';
import type { Marketplace } from '../marketplace';
import type { Books } from './fact';
import type { UnansweredWebhooks } from './unanswered.webhooks';

declare module 'fastify' {
  interface FastifyRequest {
    /** What was in the books when the call began to be carried out. */
    before: Books | undefined;
  }
}

/** Sees the calls of the marketplace API from outside, as Microsoft would: what came, what was known, what was answered. */
export class ApiWitness {
  constructor(
    private readonly marketplace: Pick<Marketplace, 'subscriptions' | 'operations' | 'clock' | 'observer'>,
    private readonly purchaseTokens: Pick<PurchaseTokens, 'read'>,
    private readonly unanswered: UnansweredWebhooks,
  ) {}

  /** To be called after whatever refuses calls before they are carried out. */
  guard(server: FastifyInstance): void {
    server.decorateRequest('before', undefined);
    server.addHook('preHandler', async (request) => {
      request.before = await this.books(request);
    });
    server.addHook('onResponse', async (request, reply) => this.note(request, reply));
  }

  private async books(request: FastifyRequest): Promise<Books> {
    const { subscriptionId, operationId } = request.call;
    const { subscriptions, operations, clock } = this.marketplace;
    const isDecision = operationId !== null && routeOf(request) === 'updateOperation';
    const answerWaits = isDecision && (await this.unanswered.answerWaits(operationId, clock.realNow()));
    return {
      subscription: subscriptionId === null ? undefined : subscriptions.get(subscriptionId),
      operation: operationId === null ? undefined : operations.get(operationId),
      answerWaits,
    };
  }

  private note(request: FastifyRequest, reply: FastifyReply): void {
    const { clock, observer } = this.marketplace;
    const { requestId, subscriptionId, operationId } = request.call;
    const endedAtMs = clock.realNow();
    observer.note({
      kind: 'call-ended',
      atMs: clock.now(),
      beganAtMs: endedAtMs - reply.elapsedTime,
      endedAtMs,
      route: routeOf(request) ?? null,
      method: request.method,
      path: (request.url.split('?', 1)[0] as string).toLowerCase(),
      status: reply.statusCode,
      faultId: request.fault?.id ?? null,
      caller: request.caller?.id ?? null, // not there for a call that was refused at the gate
      requestId,
      sentRequestId: textIn(request.headers['x-ms-requestid']),
      subscriptionId,
      operationId,
      body: request.body,
      before: request.before,
      purchaseToken: this.purchaseToken(request),
    });
  }

  private purchaseToken(request: FastifyRequest): { subscriptionId: string } | null {
    const token = request.headers['x-ms-marketplace-token'];
    if (routeOf(request) !== 'resolveSubscription' || typeof token !== 'string') return null;
    const read = this.purchaseTokens.read(token);
    return typeof read === 'string' ? null : read;
  }
}

function textIn(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null;
}
