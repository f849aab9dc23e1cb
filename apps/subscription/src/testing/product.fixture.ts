import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly question: Record<string, unknown>;
}

/** How a question is answered, if at all. */
export type Reply = (answer: ServerResponse) => void | Promise<void>;

export const json =
  (body: unknown, status = 200): Reply =>
  (answer) =>
    void answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** The endpoint of a product, on loopback, that says what a spec tells it to. */
export class ProductFixture {
  readonly asked: Asked[] = [];
  reply: Reply = json({ allowed: true });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ProductFixture> {
    const server = createServer(async (request, answer) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      product.asked.push({ headers: request.headers, question: JSON.parse(body) as Record<string, unknown> });
      await product.reply(answer);
    });
    const product = new ProductFixture(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return product;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
