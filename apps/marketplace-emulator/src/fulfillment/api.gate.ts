import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallLedger } from '../calls/call.ledger';
import type { BearerTokens } from '../identity/bearer.tokens';
import { marketplaceAppId, type Installation } from '../installation/installation';
import type { SettingsBook } from '../settings/settings';
import { parametersOf } from './query.parameters';

const apiVersion = '2018-08-31';

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
  }
}

/** What every call of the API passes first: its ids, its token, its version; and what it leaves: a line in the ledger. */
export class ApiGate {
  constructor(
    private readonly bearerTokens: BearerTokens,
    private readonly installation: Installation,
    private readonly settings: SettingsBook,
    private readonly ledger: CallLedger,
  ) {}

  guard(server: FastifyInstance): void {
    server.decorateRequest('call', null as unknown as CallIdentity); // set by the first hook, before anything reads it
    server.addHook('onRequest', async (request, reply) => this.identify(request, reply));
    server.addHook('onRequest', async (request, reply) => (await this.refuseStranger(request, reply)) ?? refuseVersion(request, reply));
    server.addHook('onResponse', async (request, reply) => this.note(request, reply));
  }

  private async identify(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const [requestId, correlationId] = [headerOf(request, 'x-ms-requestid'), headerOf(request, 'x-ms-correlationid')];
    const generated = randomUUID();
    request.call = {
      requestId: requestId ?? generated,
      correlationId: correlationId ?? (requestId ? randomUUID() : generated),
      isGenerated: !requestId && !correlationId,
      subscriptionId: null,
      operationId: null,
    };
    reply
      .header('x-ms-requestid', request.call.requestId)
      .header('x-ms-correlationid', request.call.correlationId)
      .header('x-content-type-options', 'nosniff');
  }

  /** The token must be ours, alive, for the marketplace, and of the tenant and application of Technical configuration (contract 2.2). */
  private async refuseStranger(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const claims = await this.bearerTokens.verify(request.headers.authorization, marketplaceAppId);
    if (claims && claims['tid'] === this.installation.tenantId && claims['appid'] === this.installation.clientId) return undefined;
    const message = 'The authorization token is absent, not valid or expired, or belongs to another application than the one of the offer.';
    if (this.settings.current.authFailureStyle === '401-object') return reply.code(401).send({ message, code: 'Unauthorized' });
    return reply.code(403).type('application/json; charset=utf-8').send(JSON.stringify(message));
  }

  private note(request: FastifyRequest, reply: FastifyReply): void {
    const { requestId, correlationId, subscriptionId, operationId } = request.call;
    this.ledger.note({
      direction: 'inbound',
      surface: 'fulfillment',
      method: request.method,
      path: request.url,
      status: reply.statusCode,
      tookMs: Math.round(reply.elapsedTime),
      requestId,
      correlationId,
      subscriptionId,
      operationId,
    });
  }
}

async function refuseVersion(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const wanted = parametersOf(request).get('api-version');
  if (wanted === apiVersion) return undefined;
  const error = wanted
    ? { Code: 'UnsupportedApiVersion', Message: `The HTTP resource does not support the API version '${wanted.slice(0, 50)}'.` }
    : { Code: 'ApiVersionUnspecified', Message: 'An API version is required, but was not specified.' };
  return reply.code(400).send({ Error: error });
}

/** What a caller sends is echoed, so it may not be too long for a header; anything else counts as not sent. */
function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value.length > 0 && value.length <= 200 ? value : undefined;
}
