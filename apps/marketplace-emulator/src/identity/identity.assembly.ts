import type { Installation } from '../installation/installation';
import type { Marketplace } from '../marketplace';
import { Directory } from '../people/directory';
import type { Views } from '../views/views';
import type { Addresses } from './addresses';
import { AuthorizationCodes } from './authorization.codes';
import { AuthorizeRoutes } from './authorize.routes';
import type { BearerTokens } from './bearer.tokens';
import { ClientAssertions } from './client.assertions';
import { ClientAuthentication } from './client.authentication';
import { CodeExchange } from './code.exchange';
import { DiscoveryRoutes } from './discovery.routes';
import { LogoutRoutes } from './logout.routes';
import { RefreshTokens } from './refresh.tokens';
import { Registrations } from './registrations';
import { ResourceTokens } from './resource.tokens';
import type { SigningKeys } from './signing.keys';
import { SignInClients } from './sign-in.clients';
import { TokenRoutes } from './token.routes';
import type { TokenSigner } from './token.signer';
import { UserTokens } from './user.tokens';
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
  const signInClients = new SignInClients(registrations, installation, settings);
  const directory = new Directory(people, installation);
  const refreshTokens = new RefreshTokens(installation, clock);
  const userTokens = new UserTokens(signer, refreshTokens, installation, addresses);
  return [
    new DiscoveryRoutes(addresses, keys),
    new TokenRoutes(
      registrations,
      clients,
      new ResourceTokens(signer, installation, addresses),
      new CodeExchange(codes, refreshTokens, directory, userTokens),
    ),
    new AuthorizeRoutes(installation, signInClients, settings, people, directory, codes, views),
    new LogoutRoutes(signInClients, views),
    new UserinfoRoutes(bearerTokens, directory),
  ];
}
