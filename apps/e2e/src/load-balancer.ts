import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A copy of the gateway, as the balancer needs it. */
export interface Target {
  readonly url: string;
  readonly managementUrl: string;
}

const lookIntervalMs = 200;
const lookLimitMs = 1_000;

/**
 * What stands in front of several copies of the gateway: it asks each whether it is ready, and hands a request to one that is, in turn. As an ingress does, it
 * tries nothing again that it has handed on.
 */
export class LoadBalancer {
  private readonly ready = new Set<Target>();
  private readonly server: Server = createServer((incoming, answer) => this.handOn(incoming, answer));
  private readonly stopping = new AbortController();
  private turn = 0;
  /** Answers of its own: nobody was ready, or a copy cut a connection. */
  ownAnswers = 0;

  constructor(private readonly targets: () => readonly Target[]) {}

  async start(): Promise<string> {
    void this.look();
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async look(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await Promise.all(this.targets().map((target) => this.ask(target)));
      await wait(lookIntervalMs);
    }
  }

  private async ask(target: Target): Promise<void> {
    const isReady = await fetch(`${target.managementUrl}/health/ready`, { signal: AbortSignal.timeout(lookLimitMs) }).then(
      ({ ok }) => ok,
      () => false,
    );
    const known = [...this.ready].find(({ url }) => url === target.url);
    if (isReady && !known) this.ready.add(target);
    if (!isReady && known) this.ready.delete(known);
  }

  private handOn(incoming: IncomingMessage, answer: ServerResponse): void {
    const targets = [...this.ready];
    const target = targets[this.turn++ % Math.max(targets.length, 1)];
    const refuse = () => {
      this.ownAnswers += 1;
      if (!answer.headersSent) answer.writeHead(502);
      answer.end();
    };
    if (!target) return refuse();
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', target.url), { method, headers, agent: false }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(answer);
    });
    onward.once('error', refuse);
    incoming.pipe(onward);
  }
}
