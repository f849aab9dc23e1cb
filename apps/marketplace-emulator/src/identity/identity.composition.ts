import type { Applications } from '../applications/applications';
import type { Installation } from '../installation/installation';
import { Directory } from '../people/directory';
import type { People } from '../people/people';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Clock } from '../time/clock';
import type { Views } from '../views/views';
import type { Addresses } from './addresses';
import { AuthorizationCodes } from './sign-in/authorization.codes';
import { AuthorizeRoutes } from './sign-in/authorize.routes';
import type { BearerTokens } from './token/bearer.tokens';
import { ClientAssertions } from './client/client.assertions';
import { ClientAuthentication } from './client/client.authentication';
import { CodeExchange } from './sign-in/code.exchange';
import { DiscoveryRoutes } from './discovery.routes';
import { LogoutRoutes } from './sign-in/logout.routes';
import { RefreshTokens } from './token/refresh.tokens';
import { Registrations } from './client/registrations';
import { ResourceTokens } from './token/resource.tokens';
import type { SigningKeys } from './token/signing.keys';
import { SignInClients } from './sign-in/sign-in.clients';
import { TokenRoutes } from './token/token.routes';
import type { TokenSigner } from './token/token.signer';
import { UserTokens } from './token/user.tokens';
import { UserinfoRoutes } from './sign-in/userinfo.routes';

export interface IdentityParts {
  installation: Installation;
  addresses: Addresses;
  keys: SigningKeys;
  signer: TokenSigner;
  bearerTokens: BearerTokens;
  people: People;
  applications: Applications;
  settings: SettingsRepository;
  clock: Clock;
  views: Views;
}

/** The identity service's table of contents. */
export function identityRoutes(parts: IdentityParts) {
  const { installation, addresses, keys, signer, bearerTokens, people, applications, settings, clock, views } = parts;
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
