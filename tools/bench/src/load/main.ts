import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { LoadMessage, LoadRequest, LoadResult } from './load.protocol';
import { Durations } from './percentiles';
import { tokensFor, webhookOf } from './webhooks';

/** Microsoft gives up after that. */
const answerLimitMs = 30_000;
/** For so long what was not answered 200 is sent again. */
const repeatLimitMs = 90_000;
/** What is prepared is sent a moment later, so that the first webhooks are not late by what the preparation left behind. */
const beforeStartMs = 200;

/** Milliseconds since 1970, with fractions. */
const now = (): number => performance.timeOrigin + performance.now();

process.on('disconnect', () => process.exit(0));
let send: (() => Promise<LoadResult>) | undefined;
process.on('message', (message: LoadMessage) => {
  if (message === 'go') void send?.().then((result) => process.send?.(result));
  else {
    send = prepared(message);
    process.send?.('prepared');
  }
});

function prepared(asked: LoadRequest): () => Promise<LoadResult> {
  const tokens = tokensFor(asked);
  return async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: asked.connections });
    await wait(beforeStartMs);
    const load = new Load(asked, tokens, agent);
    const result = await (asked.rate === null ? load.saturated() : load.at(asked.rate));
    agent.destroy();
    return result;
  };
}

class Load {
  private readonly latencies = new Durations();
  private readonly accepted: string[] = [];
  private readonly answers: Record<string, number> = {};
  private latestSendMs = 0;
  private readonly startedAtMs = now();

  constructor(
    private readonly asked: LoadRequest,
    private readonly tokens: readonly string[],
    private readonly agent: Agent,
  ) {}

  /** Open loop: each webhook leaves at its time, and its latency counts from that time, whatever the ones before it do. */
  async at(rate: number): Promise<LoadResult> {
    const { orders } = this.asked;
    const under: Promise<void>[] = [];
    for (let place = 0; place < orders.length; place += 1) {
      const dueMs = this.startedAtMs + (place * 1_000) / rate;
      const earlyMs = dueMs - now();
      if (earlyMs > 0) await wait(earlyMs);
      this.latestSendMs = Math.max(this.latestSendMs, now() - dueMs);
      under.push(this.post(place, dueMs));
    }
    await Promise.all(under);
    return this.result();
  }

  /** Closed loop, to find the most: the next webhook leaves when one before it was answered. */
  async saturated(): Promise<LoadResult> {
    let next = 0;
    const connection = async () => {
      while (next < this.asked.orders.length) await this.post(next++, now());
    };
    await Promise.all(Array.from({ length: this.asked.connections }, connection));
    return this.result();
  }

  private async post(place: number, dueMs: number): Promise<void> {
    const { id, body } = webhookOf(this.asked.orders[place]!, Math.floor(dueMs));
    const { repeatedAfterMs } = this.asked;
    let status = await this.exchange(body, this.tokens[place]!);
    while (status !== '200' && repeatedAfterMs !== undefined && now() - dueMs < repeatLimitMs) {
      await wait(repeatedAfterMs);
      status = await this.exchange(body, this.tokens[place]!);
    }
    this.latencies.add(now() - dueMs);
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    if (status === '200') this.accepted.push(id);
  }

  /** The status of the answer; `error` where none came in time. */
  private exchange(body: string, token: string): Promise<string> {
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const posted = request(this.asked.webhookUrl, { method: 'POST', agent: this.agent, headers, timeout: answerLimitMs }, (answer) => {
        answer.resume().once('end', () => resolve(String(answer.statusCode)));
        answer.once('error', () => resolve('error'));
      });
      posted.once('timeout', () => posted.destroy()).once('error', () => resolve('error'));
      posted.end(body);
    });
  }

  private result(): LoadResult {
    const { accepted, answers, latestSendMs, startedAtMs } = this;
    return { accepted, answers, latencyMs: this.latencies.percentiles(), latestSendMs, startedAtMs, endedAtMs: now() };
  }
}
