import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JWTPayload } from 'jose';
import { tenantFor, type Application } from '../applications/application';
import type { Applications } from '../applications/applications';
import type { ApiRecorder } from '../breaches/api.recorder';
import { whenOver } from '../calls/call.end';
import type { CallLedger } from '../calls/call.ledger';
import type { CallFaults } from '../faults/call.faults';
import { routeOf } from '../faults/route/route.lookup';
import { surfaceOf } from '../faults/route/route.names';
import type { BearerTokens } from '../identity/token/bearer.tokens';
import { marketplaceAppId } from '../installation/installation';
import type { SettingsRepository } from '../settings/settings.repository';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import { timeStampOf } from '../time/clock';
import { refuseAuthorization } from './auth.failure';
import { parametersOf } from './query.parameters';

export const fulfillmentApiVersion = '2018-08-31';

/** What identifies a call of the publisher's in the ledger and in the answer. */
export interface CallIdentity {
  requestId: string;
  correlationId: string;
  /** The publisher named neither id. The id of a new operation is then the same as both (contract 2.5). */
  isGenerated: boolean;
  subscriptionId: string | null;
  operationId: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    call: CallIdentity;
    /** The application that calls, for all handlers after the gate; `Applications.mayUse` decides what it may use. */
    caller: Application;
  }
}

/** What every call of the API passes first: its ids, its token, its version; and what it leaves: a line in the ledger. */
export class ApiGate {
  constructor(
    private readonly bearerTokens: BearerTokens,
    private readonly applications: Applications,
    private readonly subscriptions: SubscriptionRepository,
    private readonly settings: SettingsRepository,
    private readonly ledger: CallLedger,
    private readonly faults: CallFaults,
    private readonly recorder: ApiRecorder,
  ) {}

  guard(server: FastifyInstance): void {
    server.decorateRequest('call', null as unknown as CallIdentity); // set by the first hook, before anything reads it
    server.decorateRequest('caller', null as unknown as Application);
    server.addHook('onRequest', async (request, reply) => this.identify(request, reply));
    this.faults.guard(server, 'fulfillment');
    server.addHook(
      'onRequest',
      async (request, reply) =>
        (await this.refuseUnauthorized(request, reply)) ?? refuseVersion(request, reply) ?? this.refuseForeignSubscription(request, reply),
    );
    this.recorder.guard(server);
  }

  private async identify(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    whenOver(reply, (status) => this.record(request, reply, status));
    const [requestId, correlationId] = [headerOf(request, 'x-ms-requestid'), headerOf(request, 'x-ms-correlationid')];
    const generated = randomUUID();
    request.call = {
      requestId: requestId ?? generated,
      correlationId: correlationId ?? (requestId ? randomUUID() : generated),
      isGenerated: !requestId && !correlationId,
      subscriptionId: inPath(request, 'subscriptionId'),
      operationId: inPath(request, 'operationId'),
    };
    reply
      .header('x-ms-requestid', request.call.requestId)
      .header('x-ms-correlationid', request.call.correlationId)
      .header('x-content-type-options', 'nosniff');
  }

  /**
   * The token must be ours, alive, for the marketplace, and of a tenant and application of Technical configuration that are let in
   * (contract 2.1, 2.2).
   */
  private async refuseUnauthorized(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const claims = await this.bearerTokens.verify(request.headers.authorization, marketplaceAppId);
    const caller = claims && this.callerOf(claims);
    if (!caller) return refuseAuthorization(reply, this.settings);
    request.caller = caller;
    return undefined;
  }

  private callerOf(claims: JWTPayload): Application | undefined {
    const { applications, settings } = this;
    const application = applications.get(String(claims['appid']));
    if (!application?.publishedToPreview || claims['tid'] !== tenantFor(application)) return undefined;
    return 'oid' in claims || settings.current.tokensWithoutOid === 'accepted' ? application : undefined;
  }

  /**
   * Whatever the path names a subscription for: one of another application's offer is refused before anything looks at it (contract 9.2).
   */
  private refuseForeignSubscription(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    const { applications, subscriptions, settings } = this;
    const { subscriptionId } = request.params as { subscriptionId?: string };
    const subscription = subscriptionId === undefined ? undefined : subscriptions.get(subscriptionId);
    if (!subscription || !subscriptionId || applications.mayUse(request.caller, subscription)) return undefined;
    return refuseAuthorization(reply, settings);
  }

  private record(request: FastifyRequest, reply: FastifyReply, status: number | null): void {
    const { requestId, correlationId, subscriptionId, operationId } = request.call;
    const route = routeOf(request);
    this.ledger.record({
      direction: 'inbound',
      surface: route ? surfaceOf(route) : 'fulfillment',
      method: request.method,
      path: request.url,
      status,
      tookMs: Math.round(reply.elapsedTime),
      requestId,
      correlationId,
      subscriptionId,
      operationId,
      faultId: request.fault?.id ?? null,
      ...(request.staleView?.asOfMs === undefined ? {} : { readAsOf: timeStampOf(request.staleView.asOfMs) }),
      ...(request.leftOut?.length ? { leftOut: request.leftOut } : {}),
    });
  }
}

function refuseVersion(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const wanted = parametersOf(request).get('api-version');
  if (wanted === fulfillmentApiVersion) return undefined;
  const error = wanted
    ? { Code: 'UnsupportedApiVersion', Message: `The HTTP resource does not support the API version '${wanted.slice(0, 50)}'.` }
    : { Code: 'ApiVersionUnspecified', Message: 'An API version is required, but was not specified.' };
  return reply.code(400).send({ Error: error });
}

function inPath(request: FastifyRequest, parameter: string): string | null {
  const value = (request.params as Record<string, string | undefined>)[parameter];
  return value?.toLowerCase() ?? null;
}

/** What a caller sends is echoed, so it may not be too long for a header; anything else counts as not sent. */
function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value.length > 0 && value.length <= 200 ? value : undefined;
}
