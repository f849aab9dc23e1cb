import { cpus, totalmem } from 'node:os';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { argumentsOf, landfallDir, print, runCommand, SetupError } from '@landfall/local';
import { comparisonPlan, smallComparisonPlan } from '../comparison/comparison.plan';
import { comparisonReport } from '../comparison/comparison.report';
import { measureComparison } from '../comparison/comparison.run';
import { report } from '../report/report';
import { fullPlan, quickPlan, type Plan } from '../rounds/plan';
import { measure } from '../rounds/run';
import type { SizesPlan } from '../sizes/sizes';
import { smallUsagePlan, usagePlan } from '../usage/usage.plan';
import { usageReport } from '../usage/usage.report';
import { measureUsage } from '../usage/usage.run';

const usage = `npm run bench                        what a webhook costs, and how it compares: half an hour
npm run bench -- usage               what usage costs: taking it, counting it, and handing over an hour of 100,000 subscriptions
npm run bench -- comparison          what it costs to compare a day of 100,000 hours with Microsoft's list: five minutes
npm run bench -- --quick             the main ratios in some five minutes; with usage, shows in two that everything works, and nothing more
npm run bench -- --rounds N          rounds of each thing that is compared (3)
npm run bench -- --webhooks N        webhooks of a round, at most; few of them show that everything works, and nothing more
npm run bench -- --out FILE          where the figures go as JSON (.landfall/bench.json); the table goes beside it as .md`;

void runCommand(async (stop) => {
  const given = argumentsOf(usage, {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    webhooks: { type: 'string' },
    out: { type: 'string' },
  });
  if (!given) return 0;
  const { values, positionals } = given;
  const out = resolve(values.out ?? join(landfallDir, 'bench.json'));
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  if (positionals.join(' ') === 'usage') {
    const plan = values.quick ? smallUsagePlan : { ...usagePlan, rounds: countOf('--rounds', values.rounds) ?? usagePlan.rounds };
    const [startedAt, measured] = [new Date().toISOString(), await measureUsage(plan, say, stop)];
    keep(out, { startedAt, plan, ...measured }, usageReport(measured, plan, machine()));
    return measured.faults.length === 0 ? 0 : 1;
  }
  if (positionals.join(' ') === 'comparison') {
    const plan = values.quick ? smallComparisonPlan : comparisonPlan;
    const [startedAt, measured] = [new Date().toISOString(), await measureComparison(plan, say, stop)];
    keep(out, { startedAt, plan, scenes: measured }, comparisonReport(measured, plan, machine()));
    return measured.every(({ faults }) => faults.length === 0) ? 0 : 1;
  }
  if (positionals.length > 0) throw new SetupError(`${positionals.join(' ')} is no option.\n\n${usage}`);
  const plan = planOf(values.quick ?? false, values.rounds, values.webhooks);
  const [startedAt, measured] = [new Date().toISOString(), await measure(plan, say, stop)];
  keep(out, { startedAt, plan, ...measured }, report(measured, machine()));
  return measured.reconciliation.faults.length === 0 ? 0 : 1;
});

/** The figures as JSON, and the table beside them. */
function keep(out: string, figures: object, text: string): void {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify({ machine: machine(), ...figures }, null, 2)}\n`);
  writeFileSync(out.replace(/(\.json)?$/, '.md'), text);
  print(text);
}

/** @throws SetupError for what is no number from 1 on */
function planOf(isQuick: boolean, rounds: string | undefined, webhooks: string | undefined): Plan {
  const plan = isQuick ? quickPlan : fullPlan;
  const saturated = countOf('--webhooks', webhooks) ?? plan.saturated;
  const most = (count: number) => (webhooks === undefined ? count : Math.min(count, saturated));
  const [accepted, naive, inserts] = [most(plan.accepted), most(plan.naive), most(plan.inserts / 10) * 10];
  const atRates = plan.atRates.map(({ rate, webhooks: count }) => ({ rate, webhooks: most(count) }));
  const [relayed, replayed] = [most(plan.relayed / 100) * 100, most(plan.replayed / 10) * 10];
  const counts = { accepted, naive, inserts, saturated, relayed, replayed, atRates, rounds: countOf('--rounds', rounds) ?? plan.rounds };
  const sizes = plan.sizes && webhooks !== undefined ? smaller(plan.sizes, saturated) : plan.sizes;
  return { ...plan, ...counts, sizes, subscriptions: Math.max(saturated, accepted, naive) };
}

function smaller(sizes: SizesPlan, webhooks: number): SizesPlan {
  const subscriptions = sizes.subscriptions.map((size) => Math.min(size, Math.max(webhooks, 10) * 200));
  return { ...sizes, subscriptions: [...new Set(subscriptions)], webhooks: Math.min(sizes.webhooks, webhooks) };
}

function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new SetupError(`${option} ${text} is no number from 1 on.\n\n${usage}`);
  return Number(text);
}

const machine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
