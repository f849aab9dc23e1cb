import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT, type JWTPayload } from 'jose';

export const CLIENT = { id: 'signin-client', secret: 'signin-secret-value' };

export interface TestPerson {
  tid: string;
  oid: string;
  name?: string;
  email?: string;
}

/**
 * Microsoft's identity service, as far as the gateway needs it: discovery v1 and v2, keys that can be rotated, the code flow, webhook
 * tokens.
 */
export class TestIdentity {
  /** Requests for discovery documents and keys. */
  keyReads = 0;
  isAway = false;
  /** ID tokens are then signed by somebody else, under our kid. */
  isForging = false;
  private readonly strangersKey = newKey();
  private readonly unpublished = new Set<string>();
  private keys: { kid: string; privateKey: KeyObject; publicKey: KeyObject }[] = [newKey()];
  /** Further publishers' tenants. As at Entra, the keys are the same for all. */
  private readonly tenants = new Set<string>();
  private readonly codes = new Map<string, { person: TestPerson; nonce: string; challenge: string; changes: JWTPayload }>();
  private readonly server: Server;

  private constructor(readonly tenantId: string) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(tenantId: string = randomUUID()): Promise<TestIdentity> {
    const identity = new TestIdentity(tenantId);
    await new Promise<void>((resolve) => identity.server.listen(0, '127.0.0.1', resolve));
    return identity;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Another publisher's tenant from now on. */
  addTenant(tenantId: string): void {
    this.tenants.add(tenantId);
  }

  rotateKeys(): void {
    this.keys = [newKey()];
  }

  /** Signs with a new key that its key set does not show before it is told to. */
  signAhead(): { publish(): void } {
    const key = newKey();
    this.keys = [key, ...this.keys];
    this.unpublished.add(key.kid);
    return { publish: () => void this.unpublished.delete(key.kid) };
  }

  /** What a person who chose an account is sent back with. `changes` forge the ID token. */
  signIn(authorizationUrl: string, person: TestPerson, changes: JWTPayload = {}): string {
    const asked = new URL(authorizationUrl).searchParams;
    if (asked.get('code_challenge_method') !== 'S256') throw new Error('PKCE is missing');
    const code = randomUUID();
    this.codes.set(code, { person, nonce: asked.get('nonce') ?? '', challenge: asked.get('code_challenge') ?? '', changes });
    return `/signin/callback?code=${code}&state=${encodeURIComponent(asked.get('state') ?? '')}`;
  }

  issuer(version: '1.0' | '2.0', tenantId = this.tenantId): string {
    return version === '1.0' ? `https://sts.example/${tenantId}/` : `${this.url}/${tenantId}/v2.0`;
  }

  /** What Microsoft sends with a webhook. */
  async webhookToken(claims: JWTPayload = {}, { version = '2.0' as '1.0' | '2.0', kid = this.keys[0]!.kid } = {}): Promise<string> {
    const caller = { [version === '1.0' ? 'appid' : 'azp']: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7' };
    const now = Math.floor(Date.now() / 1000);
    const standard = {
      ver: version,
      iss: this.issuer(version),
      aud: 'publisher-client',
      tid: this.tenantId,
      ...caller,
      iat: now,
      exp: now + 3600,
    };
    return this.sign({ ...standard, ...claims }, kid);
  }

  private sign(claims: JWTPayload, kid = this.keys[0]!.kid): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign((this.isForging ? this.strangersKey : this.keys[0]!).privateKey);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const send = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (this.isAway) return void request.socket.destroy();
    if (path.endsWith('/token')) {
      const answer = await this.redeem(new URLSearchParams(await textOf(request)));
      return void send(answer ? 200 : 400, answer ?? { error: 'invalid_grant' });
    }
    this.keyReads++;
    for (const tenantId of [this.tenantId, ...this.tenants]) {
      if (path === `/${tenantId}/.well-known/openid-configuration`) return void send(200, this.discovery(this.issuer('1.0', tenantId)));
      if (path === `/${tenantId}/v2.0/.well-known/openid-configuration`)
        return void send(200, this.discovery(this.issuer('2.0', tenantId)));
    }
    if (path === '/common/v2.0/.well-known/openid-configuration') return void send(200, this.discovery(`${this.url}/{tenantid}/v2.0`));
    if (path === '/keys')
      return void send(200, { keys: await Promise.all(this.keys.filter(({ kid }) => !this.unpublished.has(kid)).map(published)) });
    send(404, {});
  }

  private discovery(issuer: string): object {
    const endpoints = {
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/keys`,
    };
    return { issuer, ...endpoints, id_token_signing_alg_values_supported: ['RS256'], response_types_supported: ['code'] };
  }

  private async redeem(form: URLSearchParams): Promise<object | undefined> {
    const known = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!known || known.challenge !== challenge || form.get('client_secret') !== CLIENT.secret) return undefined;
    const now = Math.floor(Date.now() / 1000);
    const { person, nonce, changes } = known;
    const standard = { iss: this.issuer('2.0', person.tid), aud: CLIENT.id, sub: person.oid, nonce, iat: now, exp: now + 600 };
    return {
      token_type: 'Bearer',
      access_token: 'opaque',
      expires_in: 3600,
      id_token: await this.sign({ ...standard, ...person, ...changes }),
    };
  }
}

function newKey() {
  return { kid: randomUUID(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

const published = async ({ kid, publicKey }: { kid: string; publicKey: KeyObject }) => ({
  ...(await exportJWK(publicKey)),
  kid,
  use: 'sig',
});

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
