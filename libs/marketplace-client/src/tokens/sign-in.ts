import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { Configuration, NodeAuthOptions } from '@azure/msal-node';
import { serviceAddress } from '../http/address';
import type { MarketplaceClientOptions, PublisherCredential } from '../marketplace.options';
import type { TokenNetwork } from './token.network';

type SignInOptions = Pick<MarketplaceClientOptions, 'authorityUrl' | 'tenantId' | 'clientId' | 'credential'>;

/**
 * Configures Microsoft's library for one app registration (contract 2.1). Entra's endpoints lie at fixed paths below the authority, so they
 * are given and not discovered: no request to any directory of hosts, the same way for the public cloud, a sovereign one and a fake on this
 * machine. The library refuses an authority over http; for a loopback address it is shown https as a name, while the endpoint stays what it
 * is.
 */
export function signInConfiguration(options: SignInOptions, network: TokenNetwork): Configuration {
  const authority = serviceAddress('authorityUrl', options.authorityUrl);
  const tenant = `${authority.origin}${authority.path}/${encodeURIComponent(options.tenantId)}`;
  const authorityName = tenant.replace(/^http:/, 'https:');
  return {
    auth: {
      clientId: options.clientId,
      authority: authorityName,
      knownAuthorities: [new URL(authorityName).host],
      authorityMetadata: JSON.stringify({
        issuer: `${tenant}/v2.0`,
        authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
        token_endpoint: `${tenant}/oauth2/v2.0/token`,
        end_session_endpoint: `${tenant}/oauth2/v2.0/logout`,
        jwks_uri: `${tenant}/discovery/v2.0/keys`,
      }),
      ...credentialOf(options.credential),
    },
    system: { networkClient: network },
  };
}

function credentialOf(credential: PublisherCredential): Partial<NodeAuthOptions> {
  if ('secret' in credential) return { clientSecret: credential.secret };
  if ('federatedToken' in credential) return { clientAssertion: () => credential.federatedToken() };
  const { pem } = credential.certificate;
  return {
    clientCertificate: {
      thumbprintSha256: new X509Certificate(pem).fingerprint256.replaceAll(':', ''),
      privateKey: createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  };
}
