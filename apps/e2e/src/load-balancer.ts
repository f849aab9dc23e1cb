import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A copy of the gateway, as the balancer needs it. */
export interface Target {
  readonly url: string;
  readonly managementUrl: string;
}

const lookIntervalMs = 200;
/** A busy machine is slow: a copy that says nothing is taken out after three such looks, one that says no at once. */
const lookLimitMs = 5_000;
const silentLooks = 3;

/**
 * What stands in front of several copies of the gateway: it asks each whether it is ready, and hands a request to one that is, in turn. As an ingress does, it
 * tries nothing again that it has handed on.
 */
export class LoadBalancer {
  private readonly ready = new Map<string, Target>();
  private readonly server: Server = createServer((incoming, answer) => this.handOn(incoming, answer));
  private readonly stopping = new AbortController();
  private turn = 0;
  /** Answers of its own: nobody was ready, or a copy cut a connection. */
  ownAnswers = 0;

  constructor(private readonly targets: () => readonly Target[]) {}

  /** Resolves with its address when every copy is ready. */
  async start(): Promise<string> {
    for (const target of this.targets()) void this.look(target.url);
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    while (this.ready.size < this.targets().length) await wait(lookIntervalMs);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Each copy by itself: one that is slow keeps nobody from seeing that another goes. */
  private async look(url: string): Promise<void> {
    for (let silent = 0; !this.stopping.signal.aborted; await wait(lookIntervalMs)) {
      const target = this.targets().find((one) => one.url === url);
      const said = target ? await this.ask(target) : 'no';
      silent = said === 'nothing' ? silent + 1 : 0;
      if (said === 'yes' && target) this.ready.set(url, target);
      if (said === 'no' || silent >= silentLooks) this.ready.delete(url);
    }
  }

  private ask({ managementUrl }: Target): Promise<'yes' | 'no' | 'nothing'> {
    return fetch(`${managementUrl}/health/ready`, { signal: AbortSignal.timeout(lookLimitMs) }).then(
      ({ ok }) => (ok ? 'yes' : 'no'),
      ({ name }: Error) => (name === 'TimeoutError' ? 'nothing' : 'no'),
    );
  }

  private handOn(incoming: IncomingMessage, answer: ServerResponse): void {
    const targets = [...this.ready.values()];
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
      from.once('error', () => {
        this.ownAnswers += 1;
        answer.destroy();
      });
      from.pipe(answer);
    });
    onward.once('error', refuse);
    incoming.pipe(onward);
  }
}
