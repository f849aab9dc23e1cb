import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Installation } from '../installation/installation';
import { limits } from '../limits';
import type { CodeExchange } from './code.exchange';
import { authenticateClient, type Registration } from './client.authentication';
import { entraErrors } from './entra.error';
import type { ResourceTokens } from './resource.tokens';

type TokenRequest = FastifyRequest<{ Params: { tenant: string } }>;

/** The token endpoints, v1 and v2 (contract 2.1). */
export class TokenRoutes {
  private readonly registrations: Registration[];

  constructor(
    private readonly installation: Installation,
    private readonly tokens: ResourceTokens,
    private readonly codes: CodeExchange,
  ) {
    const { clientId, clientSecret, operatorsClientId, operatorsClientSecret, signinClientId, signinClientSecret } = installation;
    this.registrations = [
      { clientId, clientSecret },
      { clientId: operatorsClientId, clientSecret: operatorsClientSecret },
      { clientId: signinClientId, clientSecret: signinClientSecret },
    ];
  }

  register(server: FastifyInstance): void {
    server.post('/:tenant/oauth2/token', (request: TokenRequest, reply) =>
      this.v1(request).then((body) => reply.header('cache-control', 'no-store').send(body)),
    );
    server.post('/:tenant/oauth2/v2.0/token', (request: TokenRequest, reply) =>
      this.v2(request).then((body) => reply.header('cache-control', 'no-store').send(body)),
    );
  }

  /** All numbers are strings here. */
  private async v1(request: TokenRequest): Promise<object> {
    const form = formOf(request);
    this.requireTenant(request.params.tenant);
    requireGrant(form, ['client_credentials']);
    const client = this.authenticate(form, request);
    const resource = form.get('resource');
    if (!resource) throw entraErrors.missing('resource');
    const now = Math.floor(Date.now() / 1_000);
    return {
      token_type: 'Bearer',
      expires_in: String(limits.accessTokenLifeSeconds),
      ext_expires_in: '0',
      expires_on: String(now + limits.accessTokenLifeSeconds),
      not_before: String(now),
      resource,
      access_token: await this.tokens.issue(client, resource.replace(/\/$/, '')),
    };
  }

  private async v2(request: TokenRequest): Promise<object> {
    const form = formOf(request);
    const grant = requireGrant(form, ['client_credentials', 'authorization_code']);
    if (grant === 'authorization_code') return this.codes.redeem(form, this.authenticate(form, request));
    this.requireTenant(request.params.tenant);
    const client = this.authenticate(form, request);
    const scope = form.get('scope');
    if (!scope) throw entraErrors.missing('scope');
    const resource = /^(\S+)\/\.default$/.exec(scope)?.[1];
    if (!resource) throw entraErrors.notDefaultScope(scope);
    const lifeSeconds = limits.accessTokenLifeSeconds - 1; // Entra says one less than it means
    return {
      token_type: 'Bearer',
      expires_in: lifeSeconds,
      ext_expires_in: lifeSeconds,
      access_token: await this.tokens.issue(client, resource),
    };
  }

  private authenticate(form: URLSearchParams, request: TokenRequest): Registration {
    return authenticateClient(form, request.headers.authorization, request.params.tenant, this.registrations);
  }

  /** An application asks in its own tenant; `common` and its like issue nothing to applications. */
  private requireTenant(tenant: string): void {
    if (tenant.toLowerCase() !== this.installation.tenantId) throw entraErrors.unknownTenant(tenant);
  }
}

function formOf(request: TokenRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

function requireGrant(form: URLSearchParams, supported: string[]): string {
  const grant = form.get('grant_type');
  if (!grant) throw entraErrors.missing('grant_type');
  if (!supported.includes(grant)) throw entraErrors.unsupportedGrant(grant);
  return grant;
}
