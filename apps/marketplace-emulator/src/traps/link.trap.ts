import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundedServer } from '@landfall/http-server';
import type { Observer } from '../breaches/observer';
import type { Addresses } from '../identity/addresses';
import { limits } from '../limits';
import type { Clock } from '../time/clock';

/** Other names of this machine than those of the emulator, since an allow-list may know host names alone. Not every machine has each. */
const otherHosts = ['127.0.0.2', '::1', '127.0.0.1'];

interface Listening {
  server: Server;
  url: string;
}

/**
 * A foreign host to which `@nextLink` and `Operation-Location` lead while the trap is open. A client that sends its bearer token there
 * would send it to any host (contract 3.1.4); one that calls without it, or takes only the continuation token or the operation id from the
 * link, is right. The answer is always 404.
 */
export class LinkTrap {
  private listening: Promise<Listening> | undefined;

  constructor(
    private readonly addresses: Addresses,
    private readonly clock: Clock,
    private readonly observer: Observer,
  ) {}

  get url(): string | null {
    return this.addresses.linkTrapUrl;
  }

  /** Opens it, unless it is open. Null: it was closed meanwhile. */
  async open(): Promise<string | null> {
    const listening = (this.listening ??= this.listen());
    const { url } = await listening;
    if (this.listening === listening) this.addresses.linkTrapUrl = url;
    return this.url;
  }

  async close(): Promise<void> {
    const { listening } = this;
    this.addresses.linkTrapUrl = null;
    this.listening = undefined;
    if (!listening) return;
    const { server } = await listening; // a server that is closed while it begins to listen never emits `listening`
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private async listen(): Promise<Listening> {
    const server = boundedServer((request, response) => {
      this.record(request);
      request.resume();
      response
        .writeHead(404, { 'content-type': 'application/json', connection: 'close' })
        .end('{"message":"There is nothing here.","code":"EntityNotFound"}');
    }, limits.server);
    const host = await listenOnFirst(server, otherHosts);
    const { port } = server.address() as AddressInfo;
    return { server, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
  }

  private record({ method = '', url = '', headers }: IncomingMessage): void {
    this.observer.notify({
      kind: 'trap-visited',
      atMs: this.clock.now(),
      trap: 'foreign-link',
      method,
      path: (url.split('?', 1)[0] as string).slice(0, 300).toLowerCase(),
      hadToken: headers.authorization !== undefined,
    });
  }
}

async function listenOnFirst(server: Server, [host, ...remaining]: string[]): Promise<string> {
  if (host === undefined) throw new Error('None of the names of this machine can be listened on.');
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return host;
  } catch (error) {
    if (remaining.length === 0) throw error;
    return listenOnFirst(server, remaining); // this machine does not have the name
  }
}
