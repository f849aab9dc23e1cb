import type { Producer } from 'kafkajs';
import { cpuBetween, readCpu } from '../measure/cpu';
import { untilIdle } from '../rounds/quiet';
import { frozen } from '../yardsticks/naive';
import { delaysOf, faultsOf, storedAt, takenPerSecond, untilCounted, untilTaken } from './taken';
import type { UsageInserts } from './usage.inserts';
import { recordsOf, sendUsage } from './usage.records';
import type { UsagePlan } from './usage.plan';
import type { UsageSystem } from './usage.system';

export interface Ground {
  readonly plan: UsagePlan;
  readonly usage: UsageSystem;
  readonly producer: Producer;
  readonly inserts: UsageInserts;
  /** Records that were sent so far. */
  sent: number;
}

export interface IngestRound {
  readonly insertsPerSecond: number;
  readonly takenPerSecond: number;
  /** CPU for a record in microseconds, counting it included: of billing, and of Postgres. */
  readonly billingUs: number;
  readonly postgresUs: number;
  readonly foreign: number;
  readonly stolen: number;
  readonly faults: readonly string[];
}

/** Bare inserts of so many rows, then billing takes as many records that were put onto the topic while it was halted. */
export async function ingestRound(ground: Ground, name: string): Promise<IngestRound> {
  const { plan, usage, producer, inserts } = ground;
  const source = `bench/${name}`;
  const records = recordsOf(plan.records, plan.active);
  await untilIdle();
  const insertsPerSecond = await inserts.perSecond(source, records);
  await frozen(usage, () => sendUsage(producer, source, usage.clock.now(), records));
  const before = readCpu(usage.watched());
  ground.sent += records.length;
  await untilTaken(usage, ground.sent);
  await untilCounted(usage);
  const { seconds, foreign, stolen } = cpuBetween(before, readCpu(usage.watched()));
  const perRecord = (name: string) => ((seconds[name] ?? 0) * 1_000_000) / records.length;
  return {
    ...{ insertsPerSecond, takenPerSecond: await takenPerSecond(usage, source), faults: await faultsOf(usage, source, records) },
    ...{ billingUs: perRecord('billing'), postgresUs: perRecord('postgres'), foreign, stolen },
  };
}

export interface SteadyRound {
  readonly rate: number;
  readonly sentPerSecond: number;
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** From the last record that was sent to the transaction that stores the last one. */
  readonly drainedMs: number;
  /** Cores that were busy. */
  readonly cores: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/** Portions of what is sent steadily. */
const portionMs = 100;

/** Sends at a rate for a while, each portion at its time whatever billing does. */
export async function steadyRound(ground: Ground): Promise<SteadyRound> {
  const { plan, usage, producer } = ground;
  const source = 'bench/steady';
  const records = recordsOf(plan.rate * plan.seconds, plan.active);
  const portion = Math.round((plan.rate * portionMs) / 1_000);
  await untilIdle();
  const before = readCpu(usage.watched());
  const startedAt = performance.now();
  for (let sent = 0; sent < records.length; sent += portion) {
    const waitMs = startedAt + (sent / plan.rate) * 1_000 - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    await sendUsage(producer, source, usage.clock.now(), records.slice(sent, sent + portion));
  }
  const [endedAt, endedAtMs] = [performance.now(), Date.now()];
  ground.sent += records.length;
  await untilTaken(usage, ground.sent);
  const drainedMs = Math.max(0, (await storedAt(usage, source)) - endedAtMs);
  const { seconds, elapsedSeconds } = cpuBetween(before, readCpu(usage.watched()));
  const cores = Object.fromEntries(Object.entries(seconds).map(([name, used]) => [name, used / elapsedSeconds]));
  await untilCounted(usage);
  const sentPerSecond = records.length / ((endedAt - startedAt) / 1_000);
  const faults = await faultsOf(usage, source, records);
  return { rate: plan.rate, sentPerSecond, delayMs: await delaysOf(usage, source), drainedMs, cores, faults };
}
