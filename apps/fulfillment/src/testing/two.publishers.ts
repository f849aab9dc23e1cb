import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An app registration as Entra knows it. */
export interface Publisher {
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: string;
}
/** What becomes of a publisher's calls. `not let in`: its application is that of no offer. `hanging`: they are never answered. */
export type Health = 'well' | 'not signed in' | 'not let in' | 'without a principal' | 'failing' | 'throttled' | 'hanging';

interface Sold {
  readonly id: string;
  readonly publisher: Publisher;
  status: string;
  /** Null: Microsoft does not show it (yet). */
  operation: { readonly id: string; action: string; status: string } | null;
  isShown: boolean;
}

export const contoso: Publisher = { name: 'default', tenantId: randomUUID(), clientId: randomUUID(), secret: 'secret of contoso' };
export const fabrikam: Publisher = { name: 'fabrikam', tenantId: randomUUID(), clientId: randomUUID(), secret: 'secret of fabrikam' };
const publishers = [contoso, fabrikam];

/**
 * Microsoft over HTTP with two publishers: each signs in at its own tenant, and sees what it sold itself; what another one sold is forbidden
 * (contract 2.2). Runs on loopback and keeps with whose token each call was made.
 */
export class TwoPublishers {
  /** `<publisher> <method> <route>`, in the order of arrival. */
  readonly calls: string[] = [];
  /** Who asked for the list of all subscriptions. */
  readonly listed: string[] = [];
  /** Calls about what another publisher sold. */
  readonly forbidden: string[] = [];
  readonly health = new Map<string, Health>();
  /** How the next PATCH of a subscription are answered, one each. `cut`: received, and the connection cut. */
  readonly changes: ('refused' | 'cut')[] = [];
  /** What a purchase token stands for is told to anybody, as Microsoft does not. */
  resolvesForAnybody = false;
  private readonly sold = new Map<string, Sold>();
  private readonly hanging = new Set<ServerResponse>();

  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<TwoPublishers> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const microsoft = new TwoPublishers(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, answer) => void microsoft.handle(request, answer));
    return microsoft;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  reset(): void {
    this.calls.length = 0;
    this.forbidden.length = 0;
    this.changes.length = 0;
    this.health.clear();
    this.resolvesForAnybody = false;
  }

  sell(publisher: Publisher, differing: Partial<Sold> = {}): Sold {
    const sold: Sold = { id: randomUUID(), publisher, status: 'PendingFulfillmentStart', operation: null, isShown: true, ...differing };
    this.sold.set(sold.id, sold);
    return sold;
  }

  /** Ends what hangs: it was never answered. */
  release(): void {
    for (const answer of this.hanging) answer.socket?.destroy();
    this.hanging.clear();
  }

  callsBy({ name }: Publisher): string[] {
    return this.calls.filter((call) => call.startsWith(`${name} `)).map((call) => call.slice(name.length + 1));
  }

  private async handle(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = (request.url ?? '').split('?')[0]!;
    const tenant = publishers.find(({ tenantId }) => path === `/${tenantId}/oauth2/v2.0/token`);
    if (tenant) return this.signIn(tenant, new URLSearchParams(body), answer);
    const publisher = publishers.find((one) => request.headers.authorization?.startsWith(`Bearer ${tokenOf(one)}`));
    if (!publisher || this.health.get(publisher.name) === 'not signed in') return json(answer, 401, {});
    if (path === '/api/saas/subscriptions') return this.list(publisher, answer);
    this.answer(publisher, request, path.replace('/api/saas/subscriptions/', ''), answer);
  }

  private signIn(publisher: Publisher, form: URLSearchParams, answer: ServerResponse): void {
    const { clientId, secret } = publisher;
    const isRight = form.get('client_id') === clientId && form.get('client_secret') === secret;
    if (!isRight || this.health.get(publisher.name) === 'not signed in')
      return json(answer, 401, { error: 'invalid_client', error_description: 'AADSTS7000222: expired', error_codes: [7000222] });
    json(answer, 200, { token_type: 'Bearer', expires_in: 1, ext_expires_in: 1, access_token: this.tokenFor(publisher) });
  }

  private tokenFor(publisher: Publisher): string {
    const { tenantId: tid, clientId: appid } = publisher;
    const principal = this.health.get(publisher.name) === 'without a principal' ? {} : { oid: randomUUID() };
    const claims = { tid, appid, aud: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7', ...principal };
    return `${tokenOf(publisher)}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
  }

  /** For the self-check, which comes at any time: it counts as no call of the work that a test is about. */
  private list({ name }: Publisher, answer: ServerResponse): void {
    this.listed.push(name);
    if (this.health.get(name) === 'throttled') return json(answer, 429, {}, { 'retry-after': '2' });
    if (this.health.get(name) === 'not let in') return json(answer, 403, 'The token is for another application than the offer');
    json(answer, 200, { subscriptions: [] });
  }

  private answer(publisher: Publisher, request: IncomingMessage, path: string, answer: ServerResponse): void {
    const [id = '', ...rest] = path === 'resolve' ? [request.headers['x-ms-marketplace-token'] as string, 'resolve'] : path.split('/');
    const sold = this.sold.get(id)!;
    const [part = '', operationId] = rest;
    const call = `${publisher.name} ${request.method} ${part}${operationId ? '/{id}' : ''}`.trim();
    this.calls.push(call);
    const change = request.method === 'PATCH' && part === '' ? this.changes.shift() : undefined;
    if (change === 'cut') return void answer.socket?.destroy();
    if (change === 'refused') return json(answer, 403, 'The token is not accepted');
    const health = this.health.get(publisher.name);
    if (health === 'hanging') return void this.hanging.add(answer);
    if (health === 'failing') return json(answer, 503, {});
    if (health === 'throttled') return json(answer, 429, {}, { 'retry-after': '2' });
    const isForAnybody = part === 'resolve' && this.resolvesForAnybody;
    if (sold.publisher !== publisher && !isForAnybody) {
      this.forbidden.push(call);
      return json(answer, 403, 'The token is for another application than the offer');
    }
    this.show(sold, `${request.method} ${part}`.trim(), operationId, answer);
  }

  private show(sold: Sold, call: string, operationId: string | undefined, answer: ServerResponse): void {
    const { operation } = sold;
    const subscription = {
      ...{ id: sold.id, publisherId: sold.publisher.name, offerId: 'team', planId: 'silver', quantity: 10 },
      ...{ saasSubscriptionStatus: sold.status, name: 'Team', autoRenew: true },
    };
    const shown = { ...operation, subscriptionId: sold.id, planId: 'gold', operationRequestSource: 'Azure' };
    if (!sold.isShown) return json(answer, 404, {});
    if (call === 'POST resolve') return json(answer, 200, { id: sold.id, planId: 'silver', quantity: 10, subscription });
    if (call === 'GET listAvailablePlans') return json(answer, 200, { plans: [] });
    if (call === 'GET') return json(answer, 200, subscription);
    if (call === 'POST activate') {
      sold.status = 'Subscribed';
      return void answer.writeHead(200).end();
    }
    if (call === 'GET operations' && !operationId) return json(answer, 200, { operations: operation ? [shown] : [] });
    if (!operation || operation.id !== operationId) return json(answer, 404, {});
    if (call === 'GET operations') return json(answer, 200, shown);
    operation.status = 'Succeeded';
    answer.writeHead(200).end();
  }
}

const tokenOf = ({ clientId }: Publisher) => `token-of-${clientId}`;

function json(answer: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  answer.writeHead(status, { 'content-type': 'application/json', date: new Date().toUTCString(), ...headers }).end(JSON.stringify(body));
}
