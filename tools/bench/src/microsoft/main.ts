import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { application } from './purchased';
import { Marketplace, type Answer } from './marketplace';

/** What the stub tells its parent when it listens. */
export interface StubReady {
  readonly origin: string;
  /** Signs webhook tokens; its public half is in the key set. */
  readonly privateKeyPem: string;
  readonly kid: string;
}

const kid = 'bench';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const marketplace = new Marketplace(Number(process.env['SUBSCRIPTIONS']));
const server = createServer((request, response) => void handle(request, response));
let origin = '';

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = request.method === 'GET' ? '' : await textOf(request);
  const { status, body: answer } = answerTo(request.method ?? '', request.url ?? '', body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(answer === undefined ? '' : JSON.stringify(answer));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

function answerTo(method: string, url: string, body: string): Answer {
  const [path = '', query = ''] = url.split('?');
  const [, area, saas, subscriptions, id, kind, operation] = path.split('/');
  if (area !== 'api') return identity(path);
  if (saas !== 'saas' || subscriptions !== 'subscriptions') return { status: 404 };
  if (!id) return marketplace.page(Number(new URLSearchParams(query).get('from') ?? 0), (next) => `${origin}${path}?from=${next}`);
  if (!kind) return marketplace.subscription(id);
  if (kind === 'listAvailablePlans') return marketplace.plans();
  if (kind !== 'operations') return { status: 404 };
  if (!operation) return marketplace.outstanding(id);
  if (method === 'PATCH') return marketplace.patch(operation, (JSON.parse(body) as { status?: unknown }).status);
  return marketplace.operation(operation);
}

/** Discovery, keys and tokens of Entra, for both versions (contract 2.1, 2.3). */
function identity(path: string): Answer {
  const tenant = `${origin}/${application.tenantId}`;
  if (path.endsWith('/v2.0/.well-known/openid-configuration'))
    return { status: 200, body: { issuer: `${tenant}/v2.0`, jwks_uri: `${tenant}/discovery/v2.0/keys` } };
  if (path.endsWith('/.well-known/openid-configuration'))
    return { status: 200, body: { issuer: `${tenant}/`, jwks_uri: `${tenant}/discovery/keys` } };
  if (path.endsWith('/keys'))
    return { status: 200, body: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] } };
  if (!path.endsWith('/token')) return { status: 404 };
  marketplace.count('token');
  return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: 'token-of-the-bench' } };
}

async function main(): Promise<void> {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.on('disconnect', () => process.exit(0));
  process.on('message', () => process.send?.(marketplace.seen()));
  const ready: StubReady = { origin, kid, privateKeyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
  process.send?.(ready);
}

void main();
