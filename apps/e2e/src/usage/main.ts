import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf, landfallDir, print, runCommand, SetupError, startSystem, type System } from '@landfall/local';
import { patience } from '../eventually';
import { Microsoft } from '../microsoft';
import { Operator } from '../storm/acts/operator';
import { BillingState } from './billing.state';
import { KillPoints } from './kill.points';
import { isGood } from './run.report';
import { UsageRun } from './usage.run';
import { month } from './usage.scale';

const usage = [
  'npm run usage-month -- --seed 1             a month of 200 subscriptions in business time, with everything that fails; exit code 1 where an invoice is wrong',
  '                       --subscriptions 20   10 to 1,000, and',
  '                       --days 7             4 to 60',
].join('\n');

/** `npm run usage-month`: prints what it has seen as JSON. Progress goes to the other channel. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, {
    seed: { type: 'string', default: '1' },
    subscriptions: { type: 'string', default: '200' },
    days: { type: 'string', default: '30' },
  });
  if (!given) return 0;
  const [seed, subscriptions, days] = [given.values.seed, given.values.subscriptions, given.values.days].map(Number) as [
    number,
    number,
    number,
  ];
  const isWithin = (value: number, least: number, most: number) => Number.isInteger(value) && value >= least && value <= most;
  if (!isWithin(seed, 0, 2 ** 31) || !isWithin(subscriptions, 10, 1_000) || !isWithin(days, 4, 60)) throw new SetupError(usage);
  mkdirSync(landfallDir, { recursive: true });
  const dir = mkdtempSync(join(landfallDir, `usage-${seed}-`));
  const killPoints = new KillPoints(dir);
  const env = { ...process.env, PROVISIONING_ADAPTER: 'kafka', ...killPoints.settings };
  let isKept = true;
  let system: System | undefined;
  try {
    system = await startSystem({ dir, ports: 'free', signal: stop, env });
    const report = await through(system, { seed, scale: month(subscriptions, days), killPoints, stop });
    print(JSON.stringify(report, null, 2));
    isKept = !isGood(report);
    return isKept ? 1 : 0;
  } finally {
    await system?.stop();
    if (isKept) process.stderr.write(`Data and logs are kept: ${dir}\n`);
    else rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
});

interface Wanted {
  readonly seed: number;
  readonly scale: ReturnType<typeof month>;
  readonly killPoints: KillPoints;
  readonly stop: AbortSignal;
}

async function through(system: System, { stop, ...wanted }: Wanted) {
  const operator = new Operator(system, stop);
  const billing = new BillingState(system.run.databaseUrl);
  await billing.start();
  try {
    const run = new UsageRun({
      ...{ ...wanted, billing, microsoft: new Microsoft(system.run.emulator!.controlUrl), login: system.kafkaLogin('product') },
      record: (subscriptionId) => operator.record(subscriptionId, patience),
      say: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
    });
    return await run.run();
  } finally {
    await billing.stop();
  }
}
