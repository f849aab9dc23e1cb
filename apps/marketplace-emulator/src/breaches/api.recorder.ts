import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Applications } from '../applications/applications';
import { routeOf } from '../faults/route/route.lookup';
import type { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import { parametersOf } from '../fulfillment/query.parameters';
import type { OperationRepository } from '../operation/operation.repository';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import { whenOver } from '../calls/call.end';
import { readBearer } from './bearer.reading';
import type { Call, StateBefore } from './fact';
import { readPurchaseToken } from './purchase.token.reading';
import type { Observer } from './observer';
import type { UnansweredWebhooks } from './unanswered.webhooks';

declare module 'fastify' {
  interface FastifyRequest {
    /** What was stored when the call began to be carried out. */
    before: StateBefore | undefined;
    /** What is to be answered, before it is written as JSON. */
    answered: unknown;
  }
}

/** What is looked up when a call comes, and who is notified of it. */
export interface RecordedMarketplace {
  readonly applications: Pick<Applications, 'mayUse'>;
  readonly subscriptions: Pick<SubscriptionRepository, 'get'>;
  readonly operations: Pick<OperationRepository, 'get'>;
  readonly clock: Pick<Clock, 'now' | 'realNow'>;
  readonly observer: Observer;
}

/** Records the calls of the marketplace API as facts, as Microsoft sees them: what came, what was stored before, what was answered. */
export class ApiRecorder {
  constructor(
    private readonly marketplace: RecordedMarketplace,
    private readonly purchaseTokens: Pick<PurchaseTokens, 'read'>,
    private readonly unanswered: Pick<UnansweredWebhooks, 'answerWaits'>,
  ) {}

  /** To be called after whatever refuses calls before they are carried out. */
  guard(server: FastifyInstance): void {
    server.decorateRequest('before', undefined);
    server.decorateRequest('answered', undefined);
    server.addHook('preHandler', async (request, reply) => {
      request.before = await this.stateBefore(request);
      whenOver(reply, () => {
        if (!reply.raw.writableFinished) this.notify('call-lost', request, reply);
      });
    });
    server.addHook('preSerialization', async (request, _reply, payload) => {
      request.answered = payload;
      return payload;
    });
    server.addHook('onResponse', async (request, reply) => this.notify('call-ended', request, reply));
  }

  private notify(kind: 'call-ended' | 'call-lost', request: FastifyRequest, reply: FastifyReply): void {
    this.marketplace.observer.notify({ kind, ...this.call(request, reply) });
  }

  private async stateBefore(request: FastifyRequest): Promise<StateBefore> {
    const { subscriptionId, operationId } = request.call;
    const { subscriptions, operations, clock } = this.marketplace;
    const isDecision = operationId !== null && routeOf(request) === 'updateOperation';
    const answerWaits = isDecision && (await this.unanswered.answerWaits(operationId, clock.realNow()));
    const subscription = subscriptionId === null ? undefined : subscriptions.get(subscriptionId);
    return {
      subscription,
      operation: operationId === null ? undefined : operations.get(operationId),
      pending: subscription?.pendingOperationId ? operations.get(subscription.pendingOperationId) : undefined,
      answerWaits,
    };
  }

  private call(request: FastifyRequest, reply: FastifyReply): Call {
    const { clock } = this.marketplace;
    const { requestId, subscriptionId, operationId } = request.call;
    const { headers, method, before, answered, body } = request;
    const query = parametersOf(request);
    const endedAtMs = clock.realNow();
    return {
      atMs: clock.now(),
      beganAtMs: endedAtMs - reply.elapsedTime,
      endedAtMs,
      route: routeOf(request) ?? null,
      method,
      path: documentedPath(request),
      apiVersion: query.get('api-version'),
      continuation: query.get('continuationToken'),
      fromBrowser: isFromBrowser(request),
      token: readBearer(headers.authorization),
      status: reply.statusCode,
      answer: answered,
      retryAfterMs: secondsIn(reply.getHeader('retry-after')),
      faultId: request.fault?.id ?? null,
      caller: request.caller?.id ?? null, // not there for a call that was refused at the gate
      requestId,
      sentRequestId: textIn(headers['x-ms-requestid']),
      subscriptionId,
      operationId,
      isForeign: this.isForeign(request),
      body,
      before,
      purchaseToken: this.purchaseToken(request),
    };
  }

  private isForeign({ params, caller }: FastifyRequest): boolean {
    const { applications, subscriptions } = this.marketplace;
    const { subscriptionId } = params as { subscriptionId?: string }; // the ledger's is that of a Resolve as well
    const subscription = subscriptionId === undefined ? undefined : subscriptions.get(subscriptionId);
    return subscription !== undefined && Boolean(caller) && !applications.mayUse(caller, subscription);
  }

  private purchaseToken(request: FastifyRequest) {
    const token = textIn(request.headers['x-ms-marketplace-token']);
    return token !== null && routeOf(request) === 'resolveSubscription' ? readPurchaseToken(token, this.purchaseTokens) : null;
  }
}

/**
 * Browsers send where a call comes from, and first request whether another origin may make it; Node's own fetch sends `sec-fetch-mode`
 * alone.
 */
function isFromBrowser({ method, headers }: FastifyRequest): boolean {
  const asksFirst = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  return asksFirst || headers['sec-fetch-site'] !== undefined;
}

function textIn(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null;
}

/** As Microsoft's documents write it, however the caller has spelled it; an address that is no route stays as it was called. */
function documentedPath({ routeOptions, params, url }: FastifyRequest): string {
  const called = url.split('?', 1)[0] as string;
  const values = params as Record<string, string | undefined>;
  return routeOptions.url?.includes('*') === false
    ? routeOptions.url.replace(/:(\w+)/g, (_, name: string) => (values[name] ?? '').toLowerCase())
    : called;
}

/** A date is not followed up: whose clock it is on would have to be known. */
function secondsIn(header: number | string | string[] | undefined): number | null {
  return /^\d{1,6}$/.test(String(header)) ? Number(header) * 1_000 : null;
}
