import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** What the product says to a question. `lies` is an answer that is none; `is-silent` takes the question and says nothing, ever. */
export type Opinion = 'allows' | 'vetoes' | 'is-slow' | 'is-silent' | 'lies';

export interface Asked {
  /** Names the question; a repetition has the same. */
  readonly id: string;
  readonly question: unknown;
}

const MAX_QUESTION_BYTES = 256 * 1024;

/**
 * The endpoint at which the company's product is asked, as small as one can be: it verifies the signature with a library of Standard Webhooks and answers
 * what `opinion` says. It uses nothing of Landfall.
 */
export class ExampleEndpoint {
  opinion: Opinion = 'allows';
  /** Of a subscription that is asked about, where it differs. */
  readonly opinions = new Map<string, Opinion>();
  /** What it says against a change. */
  reason = 'Thirty people work in it.';
  /** How long it takes to allow a change while it is slow. */
  slowMs = 5_000;
  /** Every genuine question, repetitions included. */
  readonly asked: Asked[] = [];
  /** Calls that were not signed with one of the secrets. */
  foreign = 0;
  private readonly slow = new Set<NodeJS.Timeout>();

  private constructor(
    private readonly server: Server,
    private readonly verifiers: readonly Webhook[],
  ) {}

  /** @param secrets `whsec_…`, any of which may have signed; two during a rotation */
  static async start(secrets: readonly string[]): Promise<ExampleEndpoint> {
    const server = createServer((request, answer) => void endpoint.handle(request, answer).catch(() => answer.destroy()));
    const endpoint = new ExampleEndpoint(
      server,
      secrets.map((secret) => new Webhook(secret)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/may-change`;
  }

  async stop(): Promise<void> {
    for (const timer of this.slow) clearTimeout(timer);
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const question = body === undefined ? undefined : this.verified(body, request.headers as Record<string, string>);
    if (!question) {
      this.foreign += 1;
      return respond(answer, 401, { error: 'This is not signed by Landfall.' });
    }
    this.asked.push(question);
    this.say(answer, this.opinionOf(question));
  }

  private opinionOf({ question }: Asked): Opinion {
    const { subscriptionId } = question as { subscriptionId?: string };
    return this.opinions.get(subscriptionId ?? '') ?? this.opinion;
  }

  private say(answer: ServerResponse, opinion: Opinion): void {
    switch (opinion) {
      case 'allows':
        return respond(answer, 200, { allowed: true });
      case 'vetoes':
        return respond(answer, 200, { allowed: false, reason: this.reason });
      case 'lies':
        return respond(answer, 200, { allowed: 'perhaps' });
      case 'is-silent':
        return;
      case 'is-slow': {
        const timer = setTimeout(() => {
          this.slow.delete(timer);
          respond(answer, 200, { allowed: true });
        }, this.slowMs);
        this.slow.add(timer);
      }
    }
  }

  private verified(body: string, headers: Record<string, string>): Asked | undefined {
    for (const verifier of this.verifiers) {
      try {
        return { id: headers['webhook-id'] ?? '', question: verifier.verify(body, headers) };
      } catch {
        continue; // another secret may have signed it; a call that none has signed is answered 401
      }
    }
    return undefined;
  }
}

function respond(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_QUESTION_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
