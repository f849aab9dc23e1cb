import { ConfidentialClientApplication, type Configuration } from '@azure/msal-node';
import { signInConfiguration } from './sign-in';
import type { TokenNetwork } from './token.network';

/** Answers as Entra does and records where the library went. */
class NotedNetwork {
  readonly urls: string[] = [];
  sendGetRequestAsync(url: string): never {
    throw new Error(`nothing is to be discovered, but ${url} was asked for`);
  }
  sendPostRequestAsync(url: string) {
    this.urls.push(url.split('?')[0]!);
    return Promise.resolve({ status: 200, headers: {}, body: { token_type: 'Bearer', expires_in: '3600', access_token: 'opaque' } });
  }
}

const tenantId = '22222222-2222-4222-8222-222222222222';

it.each([
  ['Entra', 'https://login.microsoftonline.com', `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`],
  [
    'Entra, with a slash at the end',
    'https://login.microsoftonline.com/',
    `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
  ],
  ['a sovereign cloud', 'https://login.microsoftonline.us', `https://login.microsoftonline.us/${tenantId}/oauth2/v2.0/token`],
  ['a stand-in on this machine', 'http://localhost:8090', `http://localhost:8090/${tenantId}/oauth2/v2.0/token`],
])('asks the token endpoint of %s and nothing else', async (_who, authorityUrl, endpoint) => {
  const network = new NotedNetwork();
  const options = { authorityUrl, tenantId, clientId: 'client', credential: { secret: 'secret' } };
  const configuration: Configuration = signInConfiguration(options, network as unknown as TokenNetwork);
  const result = await new ConfidentialClientApplication(configuration).acquireTokenByClientCredential({ scopes: ['app/.default'] });
  expect(result?.accessToken).toBe('opaque');
  expect(network.urls).toEqual([endpoint]);
});
