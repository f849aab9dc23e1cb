import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { operatorToken, type System } from '@landfall/local';

const answerLimitMs = 10_000;
const betweenTriesMs = 500;

/** An answer that counts: done, or refused for good by what the subscription is. */
export interface Answered {
  status: number;
  body: Record<string, unknown>;
}

/**
 * Somebody who uses the REST endpoints of a service while its copies die: any copy is asked, and the next one with the same idempotency key until there is an answer that counts. Below 500
 * all do.
 */
export class Operator {
  private turn = 0;

  constructor(
    private readonly system: System,
    private readonly stop: AbortSignal,
    private readonly service = 'subscription',
  ) {}

  /** What the record says; undefined where there is none. Rejects after `limitMs` without an answer. */
  async record(subscriptionId: string, limitMs: number): Promise<Record<string, unknown> | undefined> {
    return this.read(`/subscriptions/${subscriptionId}`, limitMs);
  }

  /** What was asked of Microsoft for it, newest first; undefined where there is no record. */
  async requests(subscriptionId: string, limitMs: number): Promise<unknown> {
    return this.read(`/subscriptions/${subscriptionId}/requests`, limitMs);
  }

  /** What is there; undefined where there is nothing. */
  async read(path: string, limitMs: number): Promise<Record<string, unknown> | undefined> {
    const { status, body } = await this.ask('GET', path, undefined, limitMs);
    return status === 200 ? body : undefined;
  }

  /** Asks until it is answered. Rejects after `limitMs` without an answer. */
  async act(path: string, body: Record<string, unknown>, limitMs: number): Promise<Answered> {
    return this.ask('POST', path, body, limitMs);
  }

  private async ask(method: string, path: string, body: Record<string, unknown> | undefined, limitMs: number): Promise<Answered> {
    const key = randomUUID();
    for (const end = Date.now() + limitMs; ; await wait(betweenTriesMs, undefined, { signal: this.stop })) {
      const answer = await this.tryOnce(method, path, body, key).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error) && answer.status < 500) return answer;
      const reason = answer instanceof Error ? answer.message : `it was answered ${answer.status}`;
      if (Date.now() > end) throw new Error(`${method} ${path} had no answer that counts within ${limitMs} ms: ${reason}`);
    }
  }

  private async tryOnce(method: string, path: string, body: Record<string, unknown> | undefined, key: string): Promise<Answered> {
    const { services, emulator } = this.system.run;
    const copies = services.filter(({ name }) => name.replace(/-\d+$/, '') === this.service);
    const { managementUrl } = copies[this.turn++ % copies.length]!;
    const headers = {
      authorization: `Bearer ${await operatorToken(emulator!)}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': key }),
    };
    const signal = AbortSignal.any([AbortSignal.timeout(answerLimitMs), this.stop]);
    const answer = await fetch(`${managementUrl}${path}`, { method, headers, body: body && JSON.stringify(body), signal });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
}
