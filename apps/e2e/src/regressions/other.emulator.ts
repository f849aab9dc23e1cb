import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, repositoryDir, type Run } from '@landfall/local';
import { eventually } from '../eventually';

type Details = NonNullable<Run['emulator']>;
type Shape = Record<string, unknown>;
interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** Microsoft's documents do not say how late another emulator shows a change. */
const shownAfter = 'PT2S';

/**
 * Another emulator of Microsoft's API, as contract 9.3 and docs/how-to/run-beside-another-emulator.md describe one, and the adapter that the page tells to run. It is ours behind a front:
 * webhooks are sent once and unsigned, lists are bare arrays, a member is spelt otherwise, a change is shown late, tokens are not looked at.
 */
export class OtherEmulator {
  /** What only an emulator can tell: sign-ins, and the truth. */
  details!: Details;
  /** Webhooks that went out, and those that the adapter did not hand on at once. */
  readonly sent = { webhooks: 0, notTaken: 0 };
  private gatewayUrl = '';
  private adapterUrl = '';
  private url = '';
  private token: Promise<string> | undefined;
  private readonly processes: ChildProcess[] = [];
  private front: Server | undefined;

  /** @param dir where the adapter of the page is written to */
  async start(dir: string): Promise<void> {
    const [frontPort, adapterPort] = [await freePort(), await freePort()];
    [this.url, this.adapterUrl] = [`http://localhost:${frontPort}`, `http://localhost:${adapterPort}`];
    this.front = createServer((request, response) => {
      void this.answer(request)
        .catch((error: unknown): Answer => ({ status: 503, body: JSON.stringify({ error: String(error) }) }))
        .then(({ status, headers, body }) => response.writeHead(status, headers).end(body));
    }).listen(frontPort, 'localhost');
    await once(this.front, 'listening');
    const settings = { webhookUrl: `${this.url}/webhook`, activateBody: 'validated', listPageSizeMin: 1_000, listPageSizeMax: 1_000 };
    await this.startEmulator(settings);
    await this.startAdapter(dir, adapterPort);
    const on = { route: ['getSubscription', 'listSubscriptions', 'getOperation', 'listOperations'] };
    await this.control('POST', '/faults', { on, do: { effect: 'staleRead', age: shownAfter } });
  }

  /** What the page has users set. */
  get environment(): Record<string, string> {
    const { tenantId, clientId, signinClientId, signinClientSecret, operatorsAuthorityUrl, operatorsAudience, authorityUrl } = this.details;
    return {
      MARKETPLACE_API_URL: `${this.url}/api`,
      MARKETPLACE_LINK_HOSTS: new URL(this.url).host,
      ENTRA_AUTHORITY_URL: this.adapterUrl,
      PUBLISHER_TENANT_ID: tenantId,
      PUBLISHER_CLIENT_ID: clientId,
      PUBLISHER_CLIENT_SECRET: 'anything',
      SIGNIN_AUTHORITY_URL: `${authorityUrl}/common/v2.0`,
      SIGNIN_CLIENT_ID: signinClientId,
      SIGNIN_CLIENT_SECRET: signinClientSecret,
      OPERATORS_AUTHORITY_URL: operatorsAuthorityUrl,
      OPERATORS_AUDIENCE: operatorsAudience,
      COPY_LAG: 'PT5S',
    };
  }

  /** From now on customers are sent there, and webhooks are handed on to there. */
  async sellsFor(gatewayUrl: string): Promise<void> {
    this.gatewayUrl = gatewayUrl;
    await this.control('PATCH', '/settings', { landingUrl: `${gatewayUrl}/landing` });
  }

  stop(): void {
    for (const running of this.processes) running.kill('SIGKILL');
    this.front?.close();
    this.front?.closeAllConnections();
  }

  private async startEmulator(settings: Shape): Promise<void> {
    const script = join(repositoryDir, 'apps/marketplace-emulator/dist/main.js');
    const running = spawn(process.execPath, [script, '--port', '0', '--json', '--settings', JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.processes.push(running);
    for await (const line of createInterface(running.stdout)) {
      if (!line.includes('"controlUrl"')) continue;
      this.details = JSON.parse(line) as Details;
      running.stdout.resume(); // or it would wait for a reader
      return;
    }
    throw new Error('The emulator ended before it was ready.');
  }

  private async startAdapter(dir: string, port: number): Promise<void> {
    const page = readFileSync(join(repositoryDir, 'docs/how-to/run-beside-another-emulator.md'), 'utf8');
    const script = join(dir, 'adapter.ts');
    writeFileSync(script, /```ts\n([\s\S]*?)```/.exec(page)![1]!);
    const { tenantId, clientId } = this.details;
    const own = { PORT: String(port), GATEWAY_URL: `${this.url}/gateway`, PUBLISHER_TENANT_ID: tenantId, PUBLISHER_CLIENT_ID: clientId };
    this.processes.push(spawn(process.execPath, [script], { env: { PATH: process.env['PATH'], ...own }, stdio: 'inherit' }));
    await eventually(async () => expect((await fetch(`${this.adapterUrl}/keys`)).status).toBe(200));
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const body = await bodyOf(request);
    const path = request.url ?? '/';
    if (path === '/webhook') return this.send(body);
    if (path.startsWith('/gateway/')) return this.handOn(request, this.gatewayUrl + path.slice('/gateway'.length), body);
    return this.ask(request, path, body);
  }

  /** Once, without a signature; how it was answered is nothing to this emulator. */
  private async send(body: string): Promise<Answer> {
    this.sent.webhooks += 1;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.adapterUrl}/webhook`, {
      method: 'POST',
      headers,
      body: JSON.stringify(spelt(JSON.parse(body) as Shape)),
    });
    if (!answer.ok) this.sent.notTaken += 1;
    return { status: 200, body: '' };
  }

  /** What the adapter calls is the gateway, whose port nobody knows before it runs. */
  private async handOn({ headers: { authorization = '' } }: IncomingMessage, url: string, body: string): Promise<Answer> {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body });
    return { status: answer.status, body: await answer.text() };
  }

  /** The API: whatever token comes is as good as any. */
  private async ask({ method = 'GET', headers: asked }: IncomingMessage, path: string, body: string): Promise<Answer> {
    const named = ['content-type', 'x-ms-requestid', 'x-ms-correlationid', 'x-ms-marketplace-token'];
    const passed = named.flatMap((name) => (typeof asked[name] === 'string' ? [[name, asked[name]]] : []));
    const headers = { ...(Object.fromEntries(passed) as Record<string, string>), authorization: `Bearer ${await this.accessToken()}` };
    const target = this.details.apiUrl + path.slice('/api'.length);
    const answer = await fetch(target, { method, headers, ...(body && { body }) });
    const location = answer.headers.get('operation-location');
    const text = await answer.text();
    const shown = answer.ok && text ? JSON.stringify(reshaped(new URL(target).pathname, JSON.parse(text) as Shape)) : text;
    const ownLocation = location && { 'operation-location': location.replace(new URL(location).origin, this.url) };
    return { status: answer.status, headers: { 'content-type': 'application/json', ...ownLocation }, body: shown };
  }

  private accessToken(): Promise<string> {
    const { authorityUrl, tenantId, clientId: client_id, clientSecret: client_secret } = this.details;
    const scope = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7/.default';
    this.token ??= fetch(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, scope }),
    }).then(async (answer) => ((await answer.json()) as { access_token: string }).access_token);
    return this.token;
  }

  private async control(method: string, path: string, body: Shape): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.details.controlUrl}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`The emulator answered ${method} ${path} with ${answer.status}: ${await answer.text()}`);
  }
}

/** Lists as bare arrays, operations with the other spelling. */
function reshaped(path: string, body: Shape): unknown {
  if (path.endsWith('/subscriptions')) return body['subscriptions'] ?? [];
  if (path.endsWith('/operations')) return ((body['operations'] ?? []) as Shape[]).map(spelt);
  return path.includes('/operations/') ? spelt(body) : body;
}

const spelt = ({ operationRequestSource, ...others }: Shape): Shape => ({ ...others, operationRequestedSource: operationRequestSource });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
