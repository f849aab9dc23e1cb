import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OperatorRole } from '@landfall/service-defaults';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Stands for the company's own identity provider: discovery, one signing key, and tokens for the asking. */
interface OperatorAuthority {
  readonly url: string;
  readonly audience: string;
  /** The value of an `authorization` header. `claims`: what the token says beside that, such as `{ idtyp: 'app' }`. */
  bearer(role: OperatorRole, subject?: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  stop(): Promise<void>;
}

const kid = 'spec';

export async function startOperatorAuthority(): Promise<OperatorAuthority> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid, use: 'sig' }];
  const server = createServer((request, response) => {
    const body = request.url?.endsWith('/keys') ? { keys } : { issuer: url, jwks_uri: `${url}/keys` };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audience = 'landfall-operators';
  return {
    url,
    audience,
    bearer: async (role, subject = 'operator-1', claims = {}) => {
      const token = new SignJWT({ roles: [role], oid: subject, ...claims }).setProtectedHeader({ alg: 'RS256', kid });
      return `Bearer ${await token.setIssuer(url).setAudience(audience).setIssuedAt().setExpirationTime('1h').sign(privateKey)}`;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
