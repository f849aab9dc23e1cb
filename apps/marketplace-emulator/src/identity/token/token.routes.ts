import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Registration } from '../../applications/application';
import { limits } from '../../limits';
import type { CodeExchange } from '../sign-in/code.exchange';
import type { ClientAuthentication } from '../client/client.authentication';
import { namedTenants } from '../discovery.routes';
import { entraErrors } from '../entra.error';
import type { Registrations } from '../client/registrations';
import type { ResourceTokens } from './resource.tokens';

type TokenRequest = FastifyRequest<{ Params: { tenant: string } }>;

/** The token endpoints, v1 and v2 (contract 2.1). */
export class TokenRoutes {
  constructor(
    private readonly registrations: Pick<Registrations, 'hasTenant'>,
    private readonly clients: ClientAuthentication,
    private readonly tokens: ResourceTokens,
    private readonly codes: CodeExchange,
  ) {}

  register(server: FastifyInstance): void {
    const onlyPost = () => {
      throw entraErrors.onlyPost();
    };
    server.get('/:tenant/oauth2/token', onlyPost);
    server.get('/:tenant/oauth2/v2.0/token', onlyPost);
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
    const client = await this.authenticateAtHome(form, request, ['client_credentials']);
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
    const grant = form.get('grant_type');
    if (grant === 'authorization_code' || grant === 'refresh_token') {
      const client = await this.clients.authenticate(form, request.headers.authorization, request.params.tenant);
      return grant === 'refresh_token' ? this.codes.refresh(form, client) : this.codes.redeem(form, client);
    }
    const client = await this.authenticateAtHome(form, request, ['client_credentials']);
    const scope = form.get('scope');
    if (!scope) throw entraErrors.missing('scope');
    const resource = /^(\S+)\/\.default$/.exec(scope)?.[1];
    if (!resource) throw entraErrors.notDefaultScope(scope);
    const lifeSeconds = limits.accessTokenLifeSeconds - 1; // Entra answers one second less than the token lives
    return {
      token_type: 'Bearer',
      expires_in: lifeSeconds,
      ext_expires_in: lifeSeconds,
      access_token: await this.tokens.issue(client, resource),
    };
  }

  /** An application gets tokens for itself in its own tenant alone; `common` and the like issue none to applications. */
  private authenticateAtHome(form: URLSearchParams, request: TokenRequest, grants: string[]): Promise<Registration> {
    const { tenant } = request.params;
    if (namedTenants.has(tenant.toLowerCase())) throw entraErrors.manyTenants(tenant);
    if (!this.registrations.hasTenant(tenant)) throw entraErrors.unknownTenant(tenant);
    requireGrant(form, grants);
    return this.clients.authenticateAtHome(form, request.headers.authorization, tenant);
  }
}

function formOf(request: TokenRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

function requireGrant(form: URLSearchParams, supported: string[]): void {
  const grant = form.get('grant_type');
  if (!grant) throw entraErrors.missing('grant_type');
  if (!supported.includes(grant)) throw entraErrors.unsupportedGrant(grant);
}
