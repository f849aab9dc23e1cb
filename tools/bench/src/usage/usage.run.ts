import { peakResidentMiB } from '../measure/processes';
import { producing } from '../yardsticks/kafka';
import { stopped } from '../system/stopped';
import { repeated, type Marked } from '../rounds/repeated';
import { ingestRound, steadyRound, type Ground, type IngestRound, type SteadyRound } from './ingest.round';
import { reportedFaults } from './reported';
import { handOverRound, type HandOverRound } from './hand-over.round';
import { subscribe } from './subscriptions';
import { sumFaults } from './taken';
import { UsageInserts } from './usage.inserts';
import type { UsagePlan } from './usage.plan';
import { UsageSystem } from './usage.system';

/** All that a run has measured. */
export interface UsageMeasured {
  readonly ingest: readonly Marked<IngestRound>[];
  readonly steady: SteadyRound;
  readonly handOver: readonly HandOverRound[];
  /** The most that billing had resident since its start, ingest included. */
  readonly peakMiB: number;
  /** What was lost, doubled or summed wrongly: then no figure counts. */
  readonly faults: readonly string[];
}

/** What usage costs: from the topic into the tables, and from there to the commands that report it. Everything is compared at the end. */
export async function measureUsage(plan: UsagePlan, say: (line: string) => void, stop: AbortSignal): Promise<UsageMeasured> {
  const tell = (line: string): void => {
    stop.throwIfAborted();
    say(line);
  };
  tell('Starting Postgres, Kafka and billing.');
  const usage = await UsageSystem.start();
  const inserts = await UsageInserts.prepare(usage.system.run.databaseUrl).catch(async (error: unknown) => {
    await usage.stop();
    throw error;
  });
  try {
    return await Promise.race([
      producing(usage.kafka.brokers, (producer) => rounds({ plan, usage, producer, inserts, sent: 0 })),
      stopped(stop),
    ]);
  } finally {
    await inserts.close();
    await usage.stop();
  }

  async function rounds(ground: Ground): Promise<UsageMeasured> {
    tell(`${plan.subscriptions} subscriptions become known.`);
    await subscribe(usage, ground.producer, plan.subscriptions);
    await ingestRound(ground, 'warm-up');
    const [ingest, handOver]: [Marked<IngestRound>[], HandOverRound[]] = [[], []];
    for (let round = 1; round <= plan.rounds; round += 1) {
      tell(
        `Round ${round} of ${plan.rounds}: ${plan.records} bare inserts, and billing takes as many records of ${plan.active} subscriptions.`,
      );
      ingest.push(await repeated(() => ingestRound(ground, `ingest-${ground.sent}`), true));
    }
    tell(`${plan.rate} records a second for ${plan.seconds} s.`);
    const steady = await steadyRound(ground);
    for (let hour = 1; hour <= plan.hours; hour += 1) {
      tell(`Hour ${hour} of ${plan.hours}: each of ${plan.subscriptions} subscriptions is used, counted and handed over.`);
      handOver.push(await handOverRound(ground, `hour-${hour}`));
    }
    const peakMiB = peakResidentMiB(usage.pid);
    tell('Comparing all records and events.');
    const ofRounds = [...ingest, steady, ...handOver].flatMap(({ faults }) => faults);
    const faults = [...ofRounds, ...(await sumFaults(usage)), ...(await reportedFaults(usage, ground.sent))];
    return { ingest, steady, handOver, peakMiB, faults };
  }
}
