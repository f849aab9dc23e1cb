import { meteringCommands } from '@landfall/contracts';
import { cpuBetween, readCpu } from '../measure/cpu';
import { watchMemory } from '../measure/memory';
import { faultsOf, storedAt, untilCounted, untilSo, untilTaken } from './taken';
import type { Ground } from './ingest.round';
import { recordsOf, sendUsage } from './usage.records';
import type { UsageSystem } from './usage.system';

const HOUR_MS = 3_600_000;
/** Of billing, `USAGE_GRACE`: an hour is handed over so long after its end. A moment more, so that it is over. */
const graceMs = 15 * 60_000 + 1_000;

export interface HandOverRound {
  /** Subscriptions, each with one dimension. */
  readonly pairs: number;
  /** From the last record that was taken until all hours are counted. */
  readonly countedSeconds: number;
  /** From the end of the hour's grace until the last of its events is on the topic for fulfillment: billing has to notice the time first. */
  readonly handedOverSeconds: number;
  readonly commands: number;
  /** The most that billing had resident while it counted and handed over, and cores that it and Postgres used while it handed over. */
  readonly residentMiB: number;
  readonly cores: Readonly<Record<string, number>>;
  readonly foreign: number;
  readonly faults: readonly string[];
}

/** One record of each subscription; then the hour and its grace pass. */
export async function handOverRound(ground: Ground, name: string): Promise<HandOverRound> {
  const { plan, usage, producer } = ground;
  const source = `bench/${name}`;
  const records = recordsOf(plan.subscriptions, plan.subscriptions);
  const memory = watchMemory({ billing: usage.pid });
  await sendUsage(producer, source, usage.clock.now(), records);
  ground.sent += records.length;
  await untilTaken(usage, ground.sent);
  await untilCounted(usage);
  const countedSeconds = (Date.now() - (await storedAt(usage, source))) / 1_000;

  const [commandsBefore, pairs] = [await usage.topics.countOf(meteringCommands.name), await openPairs(usage)];
  const before = readCpu(usage.watched());
  const startedAt = performance.now();
  usage.clock.advanceTo(Math.ceil(usage.clock.now() / HOUR_MS) * HOUR_MS + graceMs);
  await untilSo('all that is due was looked at', async () => !(await isAnyDue(usage)));
  await untilSo('all hours are handed over', async () => (await openPairs(usage)) === 0);
  await untilSo('all commands are published', () => isPublished(usage));
  const handedOverSeconds = (performance.now() - startedAt) / 1_000;
  const { seconds, elapsedSeconds, foreign } = cpuBetween(before, readCpu(usage.watched()));
  const commands = (await usage.topics.countOf(meteringCommands.name)) - commandsBefore;
  const cores = Object.fromEntries(Object.entries(seconds).map(([one, used]) => [one, used / elapsedSeconds]));
  const faults = await faultsOf(usage, source, records);
  return { pairs, countedSeconds, handedOverSeconds, commands, residentMiB: (await memory.most()).billing, cores, foreign, faults };
}

/** Hours of use that were counted and not handed over. */
async function openPairs({ counters }: UsageSystem): Promise<number> {
  const [row] = await counters.query<{ count: number }>(
    `select ((select count(*) from billing.buckets) - (select count(*) from billing.hours))::int as count`,
  );
  return row!.count;
}

async function isAnyDue({ counters, clock }: UsageSystem): Promise<boolean> {
  const statement = 'select from billing.subscriptions where look_at <= $1 limit 1';
  return (await counters.query(statement, [new Date(clock.now())])).length > 0;
}

async function isPublished({ counters, topics }: UsageSystem): Promise<boolean> {
  const statement = 'select count(*)::int as count from billing.outbox where topic = $1';
  const [row] = await counters.query<{ count: number }>(statement, [meteringCommands.name]);
  return row!.count === (await topics.countOf(meteringCommands.name));
}
