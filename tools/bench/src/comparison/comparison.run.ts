import { setTimeout as wait } from 'node:timers/promises';
import { billingEvents } from '@landfall/contracts';
import { cpuBetween, readCpu } from '../measure/cpu';
import { watchMemory } from '../measure/memory';
import { residentMiB } from '../measure/processes';
import { stopped } from '../system/stopped';
import { untilSo } from '../usage/taken';
import { differingOf, rowsOf, scenes, type ComparisonPlan, type Scene } from './comparison.plan';
import { ComparisonSystem } from './comparison.system';
import { fillDay } from './filled.day';
import { toldOf, type Told } from './told.messages';

const dayMs = 86_400_000;
/** Of day and month of the list before that of the run: what is uncertain may be decided, and what is missing is missing. */
const daysBefore = 5;
/** `USAGE_COMPARED_AT`, and a minute. */
const comparedAtMs = 3 * 3_600_000 + 60_000;
/** What begins with a process is over, and its memory is what it has at rest. */
const settledAfterMs = 15_000;
const lookEveryMs = 50;

export interface ComparedDay {
  readonly scene: Scene;
  /** From the command to read until all parts of the list are stored by billing. */
  readonly toldSeconds: number;
  /** From then until all is compared, and until all that products are told is published. */
  readonly comparedSeconds: number;
  readonly publishedSeconds: number;
  readonly listBytes: number;
  readonly told: Told;
  /** Resident before the day is read, and the most meanwhile. */
  readonly restMiB: Readonly<Record<Measured, number>>;
  readonly mostMiB: Readonly<Record<Measured, number>>;
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly foreign: number;
  readonly faults: readonly string[];
}

type Measured = 'billing' | 'fulfillment';

/** What it costs to compare a day with Microsoft's list, for each scene in a system of its own. */
export async function measureComparison(plan: ComparisonPlan, say: (line: string) => void, stop: AbortSignal): Promise<ComparedDay[]> {
  const measured: ComparedDay[] = [];
  for (const scene of scenes) {
    stop.throwIfAborted();
    say(`Starting Postgres, Kafka, billing and fulfillment; all hours of the day are ${scene}.`);
    const system = await ComparisonSystem.start(plan);
    try {
      measured.push(await Promise.race([comparedDay(system, plan, scene, say), stopped(stop)]));
    } finally {
      await system.stop();
    }
  }
  return measured;
}

async function comparedDay(
  system: ComparisonSystem,
  plan: ComparisonPlan,
  scene: Scene,
  say: (line: string) => void,
): Promise<ComparedDay> {
  const { clock, microsoft, kafka } = system;
  const run = Math.ceil(clock.now() / dayMs) * dayMs;
  const day = new Date(run - daysBefore * dayMs).toISOString().slice(0, 'yyyy-mm-dd'.length);
  // today's run is behind it, and has found nobody whose list it could ask for
  await untilSo(
    'the run of today has begun',
    async () => (await system.counters.query('select from billing.usage_comparisons')).length > 0,
  );
  await fillDay(system, plan, scene, day);
  microsoft.listsDay(day);
  await wait(settledAfterMs);
  const pids = { billing: system.pidOf('billing'), fulfillment: system.pidOf('fulfillment') };
  const restMiB = { billing: residentMiB(pids.billing), fulfillment: residentMiB(pids.fulfillment) };
  say(`${rowsOf(plan)} hours of ${day} are compared with as many rows.`);
  const [memory, before] = [watchMemory(pids), readCpu(system.watched())];
  clock.advanceTo(run + comparedAtMs);
  const { readId, orderedMs, wholeMs, comparedMs } = await untilCompared(system, day);
  const events = scene === 'uncertain' ? rowsOf(plan) - differingOf(plan) : 0;
  await untilSo('all that products are told is published', async () => (await system.topics.countOf(billingEvents.name)) >= events);
  const publishedMs = Date.now();
  const { seconds, foreign } = cpuBetween(before, readCpu(system.watched()));
  const told = await toldOf(kafka.brokers, readId);
  return {
    ...{ scene, told, restMiB, mostMiB: await memory.most(), cpuSeconds: seconds, foreign, listBytes: microsoft.bytes },
    toldSeconds: (wholeMs - orderedMs) / 1_000,
    comparedSeconds: (comparedMs - wholeMs) / 1_000,
    publishedSeconds: (publishedMs - wholeMs) / 1_000,
    faults: await faultsOf(system, plan, scene, told),
  };
}

interface Read {
  readonly readId: string;
  readonly orderedMs: number;
  readonly comparedMs: number | null;
  readonly isWhole: boolean;
}

async function untilCompared({ counters }: ComparisonSystem, day: string) {
  const read = async () => {
    const [row] = await counters.query<Read>(
      `select read_id as "readId", extract(epoch from ordered_at)::float8 * 1000 as "orderedMs", is_whole as "isWhole",
              extract(epoch from compared_at)::float8 * 1000 as "comparedMs" from billing.usage_reads where day = $1::date`,
      [day],
    );
    return row;
  };
  let wholeMs = 0;
  for (const end = Date.now() + 600_000; Date.now() < end; await wait(lookEveryMs)) {
    const found = await read();
    if (found?.isWhole && wholeMs === 0) wholeMs = Date.now();
    if (found && found.comparedMs !== null) return { ...found, wholeMs, comparedMs: found.comparedMs };
  }
  throw new Error('The day was not compared within ten minutes');
}

/** All rows must have been told, every hour that can be decided is, and each row that differs is found. */
async function faultsOf({ counters }: ComparisonSystem, plan: ComparisonPlan, scene: Scene, told: Told): Promise<string[]> {
  const [row] = await counters.query<{ accepted: number; undecided: number; differences: number; units: number; rows: number }>(
    `select (select count(*)::int from billing.hours where state = 'accepted') as accepted,
            (select count(*)::int from billing.hours where state = 'uncertain' and reason = 'undecided') as undecided,
            (select count(*)::int from billing.usage_differences where kind = 'unexpected') as differences,
            (select coalesce(sum(quantity), 0)::int from billing.usage_differences) as units,
            (select count(*)::int from billing.usage_read_rows) as rows`,
  );
  const differing = differingOf(plan);
  const undecided = scene === 'uncertain' ? differing : 0;
  const wanted = { accepted: rowsOf(plan) - undecided, undecided, differences: differing, units: differing, rows: 0 };
  const found = JSON.stringify(row);
  return [
    ...(told.rows === rowsOf(plan) ? [] : [`${scene}: ${rowsOf(plan)} rows were listed and ${told.rows} told`]),
    ...(found === JSON.stringify(wanted) ? [] : [`${scene}: ${JSON.stringify(wanted)} was to be found, and it was ${found}`]),
  ];
}
