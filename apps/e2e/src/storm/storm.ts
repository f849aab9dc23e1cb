import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, startSystem, type System } from '@landfall/local';
import { eventually, patience } from '../eventually';
import { startExampleProduct, type ExampleProduct } from '../example-product';
import { ExampleEndpoint } from '../example-product.endpoint';
import { Microsoft } from '../microsoft';
import { TopicReader } from '../topic.reader';
import { performActs } from './acts/acting';
import { decidePurchases, type Decided } from './acts/deciding';
import { Operator } from './acts/operator';
import { makeRequests } from './acts/requesting';
import { sweepMeanwhile, sweepOnce } from './acts/sweeping';
import { breakParts } from './breaking';
import { microsoftSide, ourSide } from './comparison/both.sides';
import { differencesOf } from './comparison/comparison';
import { secondPublisher, sell, writeCatalog } from './offers';
import { buyAll, type Bought } from './purchases';
import { comeToRest, isOpen } from './rest';
import type { OfferKind } from './sold';
import { planStorm } from './storm.plan';
import { isGood, type Finding, type StormReport } from './storm.report';
import type { StormScale } from './storm.scale';
import { furtherFaults, unkind } from './unkindness';
import { isNeverTold, isBeyondAnswer } from './untold';

/** The names of the registrations of both publishers. */
const registrations = ['default', secondPublisher];

/** Three copies of each of the two services whose copies share work on one subscription, with clocks that are 90 s apart, and two of who makes tenants. */
const copies = {
  COPIES: 'fulfillment:3,subscription:3,provisioning:2',
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
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const product = await ExampleEndpoint.start([secret]);
  product.slowMs = 1_500; // on a busy machine in time or not
  writeCatalog(dir, kindsOf(scale), product.url);
  const settings = {
    ...{ COPY_LAG: scale.copyLag, CHANGE_LIMIT: scale.changeLimit, PUBLISHERS: secondPublisher, VETO_SIGNING_KEYS: secret },
    ...{ PROVISIONING_ADAPTER: 'kafka', PROVISIONING_REPLY_TIMEOUT: 'PT5S' },
    RECONCILE_INTERVAL: 'PT12H', // sweeps happen when somebody asks for them
  };
  let system: System | undefined;
  let tenants: ExampleProduct | undefined;
  let report: StormReport | undefined;
  try {
    system = await startSystem({ dir, ports: 'free', secured: true, signal: stop, env: { ...env, ...copies, ...settings } });
    tenants = await startExampleProduct(system.kafkaLogin('product'), { answers: 2 });
    report = await through({ system, product, tenants, seed, scale, dir, stop, say });
    return report;
  } finally {
    await Promise.all([tenants?.stop(), product.stop()]);
    await system?.killAll();
    if (report && isGood(report)) rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

const kindsOf = ({ offers }: StormScale): ReadonlySet<OfferKind> =>
  new Set((Object.keys(offers) as OfferKind[]).filter((kind) => offers[kind] > 0));

interface Storm extends Required<Pick<StormOptions, 'seed' | 'scale' | 'stop' | 'say'>> {
  system: System;
  /** Is asked about changes. */
  product: ExampleEndpoint;
  /** Makes the tenants. */
  tenants: ExampleProduct;
  /** Data and logs. */
  dir: string;
}

async function through({ system, product, tenants, seed, scale, dir, stop, say }: Storm): Promise<StormReport> {
  const microsoft = new Microsoft(system.run.emulator!.controlUrl);
  const [operator, reconciler] = [new Operator(system, stop), new Operator(system, stop, 'fulfillment')];
  const names = system.run.services.map(({ name }) => name);
  const plan = planStorm(seed, scale, names);
  say(`${names.length} processes of services run; ${plan.purchases.length} customers buy.`);
  const bought = await buyAll(plan.purchases, { offers: await sell(kindsOf(scale), system.run, microsoft), microsoft, operator });

  say(`The storm begins: ${plan.acts.length} acts, ${plan.faults.services.length + plan.faults.foundations.length} faults.`);
  await microsoft.set(unkind(seed, scale));
  for (const rule of furtherFaults(seed, scale)) await microsoft.fault(rule);
  Object.assign(tenants.behaviour, { loses: 2, fails: 2 }); // and makes the tenant when it is asked again
  const [acted, requested, decided, swept, ...faults] = await Promise.all([
    performActs(plan.acts, bought, microsoft, product, stop),
    makeRequests(plan.requests, bought, operator, stop),
    decidePurchases(plan.decisions, bought, operator, stop),
    sweepMeanwhile(plan.sweepsMs, registrations, reconciler, stop),
    breakParts(plan.faults.services, system, stop),
    breakParts(plan.faults.foundations, system, stop),
  ]);

  say('Nobody acts and nothing breaks any more; everything comes to rest.'); // Microsoft stays as it is: it never becomes kind
  const endedAt = performance.now();
  const rest = { system, microsoft, bought, limitMs: scale.restLimitMs, say };
  const left = await comeToRest({ ...rest, mayStayOpen: isNeverTold });
  const restedAfterMs = performance.now() - endedAt;
  if (scale.webhooksLostForGood > 0 && left.length === 0) {
    say('At rest; one sweep shall find what no webhook told.');
    swept.push(...(await sweepOnce(registrations, reconciler, stop)));
    left.push(...(await comeToRest({ ...rest, mayStayOpen: isBeyondAnswer })));
  }
  const compared = await compareAll({ system, microsoft, operator, tenants, bought, decided, learntWithinMs: scale.learntWithinMs });
  const { subscriptions, minutes } = scale;
  return {
    seed,
    subscriptions,
    minutes,
    acted: [...acted, ...requested, ...decided],
    faults: faults.flat().sort(),
    left: [...left, ...compared.broken, ...swept.filter(({ isComplete }) => !isComplete).map(({ line }) => line)],
    sweeps: swept.map(({ line }) => line),
    unkindness: (await microsoft.faults()).filter(({ fired }) => fired > 0),
    breaches: (await microsoft.breaches()).map(({ rule, section, detail }) => `${rule} (contract ${section}): ${detail}`),
    findings: compared.findings,
    events: compared.events,
    refusals: compared.refusals,
    ends: compared.ends,
    questions: { asked: product.asked.length, unsigned: product.foreign },
    restedAfterMs,
    dir,
  };
}

interface AtRest {
  system: System;
  microsoft: Microsoft;
  operator: Operator;
  tenants: ExampleProduct;
  bought: readonly Bought[];
  decided: readonly Decided[];
  learntWithinMs: number;
}

type Compared = Pick<StormReport, 'findings' | 'events' | 'refusals' | 'ends'> & { broken: string[] };

async function compareAll({ system, microsoft, operator, tenants, bought, decided, learntWithinMs }: AtRest): Promise<Compared> {
  const topics = new TopicReader(system.kafkaLogin('admin'));
  try {
    await topics.start();
    await eventually(async () => {
      if (!(await topics.hasReadAll())) throw new Error('the topics are not read to their ends yet');
    });
    const findings: Finding[] = [];
    const ends: string[] = [];
    let refusals = 0;
    for (const one of bought) {
      const decision = decided.find(({ subscriptionId }) => subscriptionId === one.subscriptionId)?.decision ?? null;
      const side = await microsoftSide(microsoft, { ...one, decision }, learntWithinMs);
      const { subscriptionId } = one;
      const [record, requests] = [await operator.record(subscriptionId, patience), await operator.requests(subscriptionId, patience)];
      const ours = ourSide(topics, subscriptionId, { record, requests }, tenants);
      const { operations } = await microsoft.truth(subscriptionId);
      ends.push(...operations.map((operation) => (isOpen(operation) ? 'nobody' : (operation.settledBy ?? 'nobody'))));
      refusals += ours.events.filter(({ kind, overruled }) => kind === 'change-refused' || overruled).length;
      const differences = differencesOf(side, ours);
      if (differences.length > 0) findings.push({ microsoft: side, ours, differences });
    }
    return {
      findings,
      refusals,
      ends,
      broken: topics.broken,
      events: bought.reduce((sum, { subscriptionId }) => sum + topics.events(subscriptionId).length, 0),
    };
  } finally {
    await topics.stop();
  }
}
