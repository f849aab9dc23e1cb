import type { Installation } from '../installation/installation';
import type { Marketplace } from '../marketplace';
import type { Views } from '../views/views';
import type { Addresses } from './addresses';
import { AuthorizationCodes } from './authorization.codes';
import { AuthorizeRoutes } from './authorize.routes';
import type { BearerTokens } from './bearer.tokens';
import { ClientAssertions } from './client.assertions';
import { ClientAuthentication } from './client.authentication';
import { CodeExchange } from './code.exchange';
import { DiscoveryRoutes } from './discovery.routes';
import { Registrations } from './registrations';
import { ResourceTokens } from './resource.tokens';
import type { SigningKeys } from './signing.keys';
import { TokenRoutes } from './token.routes';
import type { TokenSigner } from './token.signer';
import { UserinfoRoutes } from './userinfo.routes';

export interface IdentityParts {
  installation: Installation;
  addresses: Addresses;
  keys: SigningKeys;
  signer: TokenSigner;
  bearerTokens: BearerTokens;
  views: Views;
}

/** The identity service's table of contents. */
export function identityRoutes({ installation, addresses, keys, signer, bearerTokens, views }: IdentityParts, marketplace: Marketplace) {
  const { people, applications, settings, clock } = marketplace;
  const codes = new AuthorizationCodes(clock);
  const registrations = new Registrations(applications, people, installation);
  const clients = new ClientAuthentication(registrations, new ClientAssertions(addresses, clock), clock);
  return [
    new DiscoveryRoutes(addresses, keys),
    new TokenRoutes(
      registrations,
      clients,
      new ResourceTokens(signer, installation, addresses),
      new CodeExchange(codes, people, signer, addresses),
    ),
    new AuthorizeRoutes(installation, settings, people, codes, views),
    new UserinfoRoutes(bearerTokens, people),
  ];
}
