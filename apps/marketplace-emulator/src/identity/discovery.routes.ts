import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isGuid } from '../guid';
import type { Addresses } from './addresses';
import { entraErrors } from './entra.error';
import type { SigningKeys } from './token/signing.keys';

type TenantRequest = FastifyRequest<{ Params: { tenant: string } }>;

/** Names that stand for many tenants. */
export const namedTenants = new Set(['common', 'organizations', 'consumers']);

/** Discovery documents and keys, v1 and v2, of every tenant (contract 2.3). All tenants share one set of keys, as with Entra. */
export class DiscoveryRoutes {
  constructor(
    private readonly addresses: Addresses,
    private readonly keys: Pick<SigningKeys, 'published'>,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/:tenant/.well-known/openid-configuration', (request: TenantRequest) => this.v1(tenantOf(request)));
    server.get('/:tenant/v2.0/.well-known/openid-configuration', (request: TenantRequest) => this.v2(tenantOf(request)));
    server.get('/:tenant/discovery/keys', () => this.keys.published());
    server.get('/:tenant/discovery/v2.0/keys', () => this.keys.published());
  }

  private v1(tenant: string) {
    return {
      ...this.shared(tenant),
      issuer: this.addresses.issuerV1(issuerTenant(tenant)),
      token_endpoint: `${this.addresses.authorityUrl}/${tenant}/oauth2/token`,
      jwks_uri: `${this.addresses.authorityUrl}/${tenant}/discovery/keys`,
    };
  }

  private v2(tenant: string) {
    return {
      ...this.shared(tenant),
      issuer: this.addresses.issuerV2(issuerTenant(tenant)),
      token_endpoint: `${this.addresses.authorityUrl}/${tenant}/oauth2/v2.0/token`,
      jwks_uri: `${this.addresses.authorityUrl}/${tenant}/discovery/v2.0/keys`,
    };
  }

  private shared(tenant: string) {
    const { authorityUrl } = this.addresses;
    return {
      authorization_endpoint: `${authorityUrl}/${tenant}/oauth2/v2.0/authorize`,
      end_session_endpoint: `${authorityUrl}/${tenant}/oauth2/v2.0/logout`,
      userinfo_endpoint: `${authorityUrl}/oidc/userinfo`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'oid', 'email', 'ver'],
      tenant_region_scope: null,
      cloud_instance_name: 'emulator',
    };
  }
}

function tenantOf({ params: { tenant } }: TenantRequest): string {
  const name = tenant.toLowerCase();
  if (!namedTenants.has(name) && !isGuid(name)) throw entraErrors.unknownTenant(tenant);
  return name;
}

/** A tenant that stands for many has no issuer of its own: the document names a template, to be filled with the `tid` of the token. */
function issuerTenant(tenant: string): string {
  return namedTenants.has(tenant) ? '{tenantid}' : tenant;
}
