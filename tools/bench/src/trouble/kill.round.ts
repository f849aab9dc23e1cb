import { setTimeout as wait } from 'node:timers/promises';
import { plannedBy } from '../microsoft/operation.id';
import type { Orders } from '../rounds/orders';
import type { Ground } from '../rounds/webhook.round';
import type { Landfall } from '../system/landfall';
import { beforeMs, underLoad } from './under.load';

/** Of the load, from five seconds before the kill. */
export const killSeconds = 20;
const lookEveryMs = 50;
/** What a killed service had asked of Postgres may still be committed, until its connections are noticed to be gone. */
const connectionsEndMs = 200;
const patienceMs = 120_000;

export interface KillRound {
  readonly service: string;
  readonly rate: number;
  /** From SIGKILL, with a start at once: until it is ready, and until it has committed something more than positions. In seconds. */
  readonly readySeconds: number;
  readonly commitsSeconds: number;
  /** From SIGKILL until the public event of a webhook that was due after it; null where there was none. */
  readonly eventSeconds: number | null;
  /** Of all webhooks of the round, from the intended start to the public event. */
  readonly slowestEventMs: number;
  /** Webhooks that nobody answered 200 in the end: they are lost to us. */
  readonly unanswered: number;
}

/** Kills a service under load and starts it again at once. */
export async function killRound(ground: Ground, orders: Orders, service: string, rate: number): Promise<KillRound> {
  const { landfall } = ground;
  const facts = orders.facts(Math.floor(rate * killSeconds));
  const { result, met } = await underLoad(ground, facts, rate, async () => {
    await wait(beforeMs);
    const killedAtMs = Date.now();
    await landfall.system.kill(service);
    const commits = commitsAgain(landfall, service, killedAtMs);
    await landfall.system.restart(service);
    return { killedAtMs, readySeconds: secondsSince(killedAtMs), commitsSeconds: await commits };
  });
  const eventAt = (id: string) => landfall.events.byOperation.get(id)?.atMs ?? Infinity;
  const firstAtMs = Math.min(...result.accepted.filter((id) => plannedBy(id).atMs > met.killedAtMs).map(eventAt));
  const { readySeconds, commitsSeconds } = met;
  return {
    ...{ service, rate, readySeconds, commitsSeconds },
    eventSeconds: Number.isFinite(firstAtMs) ? (firstAtMs - met.killedAtMs) / 1_000 : null,
    slowestEventMs: Math.max(0, ...result.accepted.map((id) => eventAt(id) - plannedBy(id).atMs).filter(Number.isFinite)),
    unanswered: facts.length - result.accepted.length,
  };
}

const secondsSince = (ms: number): number => (Date.now() - ms) / 1_000;

/** Every start claims the partitions of the relay, and saves positions: neither is work. */
const isWork = (table: string): boolean => !table.startsWith('relay_') && table !== 'read_back';

/** @throws Error where it commits nothing for two minutes */
async function commitsAgain({ counters: { log } }: Landfall, schema: string, sinceMs: number): Promise<number> {
  await wait(connectionsEndMs);
  for (let from = await log.end(); secondsSince(sinceMs) * 1_000 < patienceMs; await wait(lookEveryMs)) {
    const to = await log.end();
    const written = await log.between(from, to);
    if (written.some((one) => one.schema === schema && Object.keys(one.rows).some(isWork))) return secondsSince(sinceMs);
    from = to;
  }
  throw new Error(`${schema} has committed nothing for ${patienceMs / 1_000} s after it was killed.`);
}
