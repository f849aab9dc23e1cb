import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { startEmulator } from '../emulator';
import type { EmulatorOptions, RunningEmulator } from '../emulator.options';
import type { Settings } from '../settings/settings';
import type { WebhookPayload } from '../webhook/webhook.payload';

/** Everything that takes seconds with Microsoft takes milliseconds in a test, but for the time that a publisher has to answer: the machine may be busy. */
export const quick: Partial<Settings> = {
  activationDelayMs: 30,
  operationStartDelayMs: 10,
  autoAcceptMs: 200,
  retryDelaysMs: [20, 40],
  webhookTimeoutMs: 5_000,
};

export interface ReceivedWebhook {
  headers: IncomingHttpHeaders;
  body: WebhookPayload;
  bearerToken: string;
  connection: Socket;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs read whatever an answer holds
  body: any;
}

const waitMs = 30_000;
const marketplaceAppId = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

/** The publisher's connection webhook: keeps what it receives and answers as the spec chooses. */
class WebhookEnd {
  readonly received: ReceivedWebhook[] = [];
  answer: (body: WebhookPayload) => number | 'hang' | Promise<number> = () => 200;
  answerBody = '';
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as WebhookPayload;
      const bearerToken = (request.headers.authorization ?? '').replace('Bearer ', '');
      this.received.push({ headers: request.headers, body, bearerToken, connection: request.socket });
      const status = await this.answer(body);
      if (status !== 'hang') response.writeHead(status).end(this.answerBody);
    });
  });
}

/** A publisher system for specs: an emulator, a webhook, and callers for both APIs. */
export class Publisher {
  private accessToken: string | undefined;

  private constructor(
    private readonly webhook: WebhookEnd,
    readonly emulator: RunningEmulator,
  ) {}

  static async start(options: EmulatorOptions = {}): Promise<Publisher> {
    const webhook = new WebhookEnd();
    await new Promise<void>((resolve) => webhook.server.listen(0, '127.0.0.1', resolve));
    const webhookUrl = `http://127.0.0.1:${(webhook.server.address() as AddressInfo).port}/webhook`;
    return new Publisher(webhook, await startEmulator({ webhookUrl, ...options, settings: { ...quick, ...options.settings } }));
  }

  get received(): ReceivedWebhook[] {
    return this.webhook.received;
  }

  get webhookUrl(): string {
    return `http://127.0.0.1:${(this.webhook.server.address() as AddressInfo).port}/webhook`;
  }

  /** What the webhook answers: a status, or `hang` for none at all. */
  set answer(answer: WebhookEnd['answer']) {
    this.webhook.answer = answer;
  }

  /** The body of each answer; empty unless set. */
  set answerBody(body: string) {
    this.webhook.answerBody = body;
  }

  async stop(): Promise<void> {
    await this.emulator.stop();
    this.webhook.server.closeAllConnections();
    await new Promise((resolve) => this.webhook.server.close(resolve));
  }

  /** A call of the fulfillment API; the version is added unless the path names one. */
  async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const accessToken = await this.token();
    const url = path.startsWith('http') ? path : `${this.emulator.apiUrl}${path}${path.includes('?') ? '&' : '?'}api-version=2018-08-31`;
    return call(method, url, body, { authorization: `Bearer ${accessToken}`, ...headers });
  }

  /** An access token for the marketplace, the same one each time. */
  async token(): Promise<string> {
    return (this.accessToken ??= await this.fetchToken());
  }

  control(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    return call(method, `${this.emulator.controlUrl}${path}`, body);
  }

  async buy(order: object = {}): Promise<string> {
    const { status, body } = await this.control('POST', '/purchases', order);
    if (status !== 201) throw new Error(`not bought: ${JSON.stringify(body)}`);
    return body.subscriptionId;
  }

  /** Buys and activates. */
  async subscribe(order: object = {}): Promise<string> {
    const id = await this.buy(order);
    await this.api('POST', `/saas/subscriptions/${id}/activate`);
    await this.untilStatus(id, 'Subscribed');
    return id;
  }

  async truth(id: string): Promise<ApiAnswer['body']> {
    return (await this.control('GET', `/subscriptions/${id}`)).body;
  }

  async untilStatus(id: string, status: string): Promise<void> {
    await until(`status ${status}`, async () => (await this.truth(id)).saasSubscriptionStatus === status);
  }

  /** Waits for the end of an operation and returns it as the control API shows it. */
  async settled(id: string, operationId: string): Promise<ApiAnswer['body']> {
    const find = async () => (await this.truth(id)).operations.find((operation: { id: string }) => operation.id === operationId);
    await until('operation settled', async () => (await find())?.settledBy);
    return find();
  }

  async webhooks(count: number, fits: (webhook: ReceivedWebhook) => boolean = () => true): Promise<ReceivedWebhook[]> {
    await until(`${count} webhooks`, async () => this.received.filter(fits).length >= count);
    return this.received.filter(fits);
  }

  /** Sets a fault and returns its id. */
  async fault(rule: object): Promise<string> {
    const { status, body } = await this.control('POST', '/faults', rule);
    if (status !== 201) throw new Error(`no fault: ${JSON.stringify(body)}`);
    return body.id;
  }

  private async fetchToken(): Promise<string> {
    const { authorityUrl, tenantId, clientId, clientSecret } = this.emulator;
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${marketplaceAppId}/.default`,
    };
    const response = await fetch(`${authorityUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
    return ((await response.json()) as { access_token: string }).access_token;
  }
}

/** One HTTP call that follows no redirect; a JSON answer is parsed, an empty one is undefined. */
export async function call(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : text || undefined };
}

/** Asks every few milliseconds until it is so. */
export async function until(what: string, isSo: () => Promise<unknown>): Promise<void> {
  const endMs = Date.now() + waitMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`waited ${waitMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The purchase token in a landing address, decoded exactly once. */
export function tokenIn(landingUrl: string): string {
  return new URL(landingUrl).searchParams.get('token') as string;
}
