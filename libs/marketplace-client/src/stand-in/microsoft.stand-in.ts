import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

/** What the stand-in does with one request. */
export type Play = (answer: ServerResponse, request: Received) => void;

export const tenantId = '22222222-2222-4222-8222-222222222222';
export const clientId = '55555555-5555-4555-8555-555555555555';
export const clientSecret = 'a-secret-of-the-test';
export const appId = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';

/**
 * Microsoft for specs: Entra's token endpoint (v2, as strict as the real one about grant, client and scope) and an API that plays what a test tells it,
 * request by request, faults included. It runs on loopback and remembers everything it received.
 */
export class MicrosoftStandIn {
  readonly received: Received[] = [];
  readonly tokenRequests: URLSearchParams[] = [];
  readonly tokens: string[] = [];
  /** Plays of the API, one per request; the last one goes on for ever. */
  plays: Play[] = [json(200, {})];
  /** Plays of the token endpoint before it behaves. */
  tokenPlays: Play[] = [];
  tokenLifeSeconds = 3599;

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<MicrosoftStandIn> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const standIn = new MicrosoftStandIn(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, answer) => void standIn.handle(request, answer));
    return standIn;
  }

  get apiUrl(): string {
    return `${this.origin}/api`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const received = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body, atMs: Date.now() };
    if (received.url.startsWith(`/${tenantId}/oauth2/v2.0/token`)) return this.issueToken(received, answer);
    this.received.push(received);
    const play = this.plays.length > 1 ? this.plays.shift() : this.plays[0];
    play?.(answer, received);
  }

  private issueToken(received: Received, answer: ServerResponse): void {
    const form = new URLSearchParams(received.body);
    this.tokenRequests.push(form);
    const play = this.tokenPlays.shift();
    if (play) return play(answer, received);

    const refusal = refusalOf(form);
    if (refusal)
      return json(refusal.status, { error: refusal.error, error_description: refusal.description, error_codes: refusal.codes })(
        answer,
        received,
      );
    const token = `token-${this.tokens.length + 1}`;
    this.tokens.push(token);
    json(200, { token_type: 'Bearer', expires_in: this.tokenLifeSeconds, ext_expires_in: this.tokenLifeSeconds, access_token: token })(
      answer,
      received,
    );
  }
}

function refusalOf(form: URLSearchParams): { status: number; error: string; description: string; codes: number[] } | null {
  const refuse = (status: number, error: string, code: number) => ({
    status,
    error,
    description: `AADSTS${code}: Trace of ${clientId}`,
    codes: [code],
  });
  if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type', 70003);
  if (form.get('client_id') !== clientId) return refuse(400, 'unauthorized_client', 700016);
  if (form.get('scope') !== `${appId}/.default`) return refuse(400, 'invalid_scope', 70011);
  const hasAssertion =
    form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' && form.get('client_assertion');
  return hasAssertion || form.get('client_secret') === clientSecret ? null : refuse(401, 'invalid_client', 7000215);
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Play =>
  (answer) =>
    void answer.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body));

export const raw =
  (status: number, body = '', headers: Record<string, string> = {}): Play =>
  (answer) =>
    void answer.writeHead(status, headers).end(body);

/** Takes the request and never answers. */
export const hang: Play = () => undefined;

/** Cuts the connection instead of answering. */
export const reset: Play = (answer) => void answer.socket?.resetAndDestroy();

/** Promises more than it sends, then cuts the connection. */
export const cutBody =
  (status: number): Play =>
  (answer) => {
    answer.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' });
    answer.write('{"id":', () => answer.socket?.destroy());
  };

/** A byte now and then, for ever. */
export const drip: Play = (answer) => {
  answer.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => answer.write(' '), 20);
  answer.on('close', () => clearInterval(timer));
};

export const after =
  (delayMs: number, play: Play): Play =>
  (answer, request) =>
    void setTimeout(() => play(answer, request), delayMs);
