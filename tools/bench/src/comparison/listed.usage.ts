import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { subscriptionOf } from '../usage/usage.records';
import { differingEvery, rowsOf, type ComparisonPlan } from './comparison.plan';

/** Rows that are written at once. */
const portion = 500;

/** Microsoft for a system that reads usage back: it gives tokens, has sold nothing, and lists the usage of one day (contract 6.5). */
export class ListedUsage {
  /** Bytes of the list as it was told last. */
  bytes = 0;
  private day = '';

  private constructor(
    private readonly server: Server,
    private readonly plan: ComparisonPlan,
  ) {}

  static async start(plan: ComparisonPlan): Promise<ListedUsage> {
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json');
      void listed.answer(new URL(request.url ?? '', listed.origin), response);
    });
    const listed = new ListedUsage(server, plan);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return listed;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Of which all usage is; other days have none. */
  listsDay(day: string): void {
    this.day = day;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer({ pathname, searchParams }: URL, response: ServerResponse): Promise<void> {
    if (pathname.endsWith('/token')) {
      response.end(JSON.stringify({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: 'token-of-the-bench' }));
    } else if (pathname.endsWith('/usageEvents')) {
      if (searchParams.get('usageStartDate') === this.day) await this.list(response);
      else response.end('[]');
    } else if (pathname.endsWith('/subscriptions')) response.end(JSON.stringify({ subscriptions: [] }));
    else response.writeHead(404).end('{}');
  }

  /** Only as fast as it is read. */
  private async list(response: ServerResponse): Promise<void> {
    let bytes = 2;
    response.write('[');
    for (let row = 0; row < rowsOf(this.plan); row += portion) {
      const rows = Array.from({ length: Math.min(portion, rowsOf(this.plan) - row) }, (_, place) => JSON.stringify(this.row(row + place)));
      const text = `${row > 0 ? ',' : ''}${rows.join(',')}`;
      bytes += text.length;
      if (!response.write(text)) await once(response, 'drain');
    }
    this.bytes = bytes;
    response.end(']');
  }

  private row(number: number) {
    const quantity = number % differingEvery === 0 ? 2 : 1;
    return {
      usageDate: `${this.day}T00:00:00Z`,
      usageResourceId: subscriptionOf(number % this.plan.subscriptions),
      dimension: `d${Math.floor(number / this.plan.subscriptions)}`,
      ...{ planId: 'metered', planName: 'Metered', offerId: 'bench', offerName: 'An offer of the bench', offerType: 'SaaS' },
      ...{ azureSubscriptionId: '0b0b0b0b-0000-4000-8000-000000000001', reconStatus: 'Accepted' },
      ...{ submittedQuantity: quantity, processedQuantity: quantity, submittedCount: 1 },
    };
  }
}
