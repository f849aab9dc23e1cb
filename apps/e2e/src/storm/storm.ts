import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, operatorToken, startSystem, type System } from '@landfall/local';
import { eventually } from '../eventually';
import { Microsoft } from '../microsoft';
import { TopicReader } from '../topic.reader';
import { performActs } from './acting';
import { microsoftSide, ourSide } from './both.sides';
import { breakParts } from './breaking';
import { writeCatalog } from './catalog';
import { differencesOf } from './comparison';
import { buyAll, type Bought } from './purchases';
import { comeToRest } from './rest';
import { planStorm } from './storm.plan';
import { isGood, type Finding, type StormReport } from './storm.report';
import type { StormScale } from './storm.scale';
import { unkind } from './unkindness';

/** Sells beside the publisher of the `PUBLISHER_*` settings, in the same system. */
const secondPublisher = 'tailspin';

/** Three copies of each of the two services whose copies share work on one subscription, with clocks that are 90 s apart. */
const copies = {
  COPIES: 'fulfillment:3,subscription:3',
  CLOCK_SKEW: 'fulfillment-2:+45s,fulfillment-3:-45s,subscription-2:-45s,subscription-3:+45s',
};

export interface StormOptions {
  seed: number;
  scale: StormScale;
  /** Settings of the services beside those of the storm. */
  env?: Record<string, string | undefined>;
  stop?: AbortSignal;
  say(line: string): void;
}

/**
 * A whole system of its own in bad weather: an unkind Microsoft, copies whose clocks differ, acts of customers and Microsoft, kills and freezes of copies, broker
 * and database, all from the seed. Then everything ends, comes to rest, and both sides are compared. Rejects where the system can't be started or `stop` aborts it.
 */
export async function runStorm({
  seed,
  scale,
  env = process.env,
  stop = new AbortController().signal,
  say,
}: StormOptions): Promise<StormReport> {
  mkdirSync(landfallDir, { recursive: true });
  const dir = mkdtempSync(join(landfallDir, `storm-${seed}-`));
  if (scale.refuses) writeCatalog(dir, secondPublisher);
  const system = await startSystem({
    dir,
    ports: 'free',
    signal: stop,
    env: { ...env, ...copies, COPY_LAG: scale.copyLag, PUBLISHERS: secondPublisher },
  });
  let report: StormReport | undefined;
  try {
    report = await through(system, seed, scale, dir, stop, say);
    return report;
  } finally {
    await system.stop();
    if (report && isGood(report)) rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function through(
  system: System,
  seed: number,
  scale: StormScale,
  dir: string,
  stop: AbortSignal,
  say: StormOptions['say'],
): Promise<StormReport> {
  const microsoft = new Microsoft(system.run.emulator!.controlUrl);
  const offers = [system.run.emulator!.perSeatOfferId, ...system.run.publishers.map(({ offerId }) => offerId)];
  const plan = planStorm(
    seed,
    scale,
    system.run.services.map(({ name }) => name),
    offers.length,
  );
  say(`${system.run.services.length} processes of services run; ${plan.purchases.length} customers buy.`);
  const bought = await buyAll(plan.purchases, offers, microsoft);

  say(`The storm begins: ${plan.acts.length} acts, ${plan.faults.services.length + plan.faults.foundations.length} faults.`);
  await microsoft.set(unkind(seed, scale));
  const [acted, ...faults] = await Promise.all([
    performActs(plan.acts, bought, microsoft, stop),
    breakParts(plan.faults.services, system, stop),
    breakParts(plan.faults.foundations, system, stop),
  ]);

  say('Nobody acts and nothing breaks any more; everything comes to rest.'); // Microsoft stays as it is: it never becomes kind
  const endedAt = performance.now();
  const left = await comeToRest(system, microsoft, bought, scale.restLimitMs, say);
  const restedAfterMs = performance.now() - endedAt;
  const { findings, events, refusals, broken } = await compareAll(system, microsoft, bought, scale.learntWithinMs);
  const { subscriptions, minutes } = scale;
  return {
    seed,
    subscriptions,
    minutes,
    acted,
    faults: faults.flat().sort(),
    left: [...left, ...broken],
    breaches: (await microsoft.breaches()).map(({ rule, section, detail }) => `${rule} (contract ${section}): ${detail}`),
    findings,
    events,
    refusals,
    restedAfterMs,
    dir,
  };
}

async function compareAll(
  system: System,
  microsoft: Microsoft,
  bought: readonly Bought[],
  learntWithinMs: number,
): Promise<{ findings: Finding[]; events: number; refusals: number; broken: string[] }> {
  const topics = new TopicReader(system.run.kafkaBrokers);
  try {
    await topics.start();
    await eventually(async () => {
      if (!(await topics.hasReadAll())) throw new Error('the topics are not read to their ends yet');
    });
    const findings: Finding[] = [];
    let refusals = 0;
    for (const one of bought) {
      const side = await microsoftSide(microsoft, one, learntWithinMs);
      const ours = ourSide(topics, one.subscriptionId, await recordOf(system, one.subscriptionId));
      refusals += ours.events.filter(({ kind, overruled }) => kind === 'change-refused' || overruled).length;
      const differences = differencesOf(side, ours);
      if (differences.length > 0) findings.push({ microsoft: side, ours, differences });
    }
    return {
      findings,
      refusals,
      broken: topics.broken,
      events: bought.reduce((sum, { subscriptionId }) => sum + topics.events(subscriptionId).length, 0),
    };
  } finally {
    await topics.stop();
  }
}

/** As an operator asks for it; undefined where there is none. */
async function recordOf({ run }: System, subscriptionId: string): Promise<unknown> {
  const { url } = run.services.find(({ name }) => name === 'subscription')!;
  const answer = await fetch(`${url}/subscriptions/${subscriptionId}`, {
    headers: { authorization: `Bearer ${await operatorToken(run.emulator!)}` },
  });
  return answer.ok ? await answer.json() : undefined;
}
