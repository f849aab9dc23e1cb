import { parseArgs } from 'node:util';
import { campaign } from '../campaign';
import { check } from '../checker/check';
import { isAvoidable, type Kind } from '../checker/violation';
import { report } from '../report';
import { simulate } from '../run';
import { drawnScenario, type Scenario } from '../scenario/scenario';
import { shrink } from '../scenario/shrink';

const usage = `npm run simulate -- --seed N --runs M      makes the runs of the seeds N to N + M - 1 and reports what is wrong with them; exit code 1 if anything is
npm run simulate -- --show N                every step of the run of seed N
npm run simulate -- --shrink N [--kind K]   the fewest acts and faults that still make it fail, by the kind of its first violation or by K`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** @returns the exit code */
function main(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '2000' },
      show: { type: 'string' },
      shrink: { type: 'string' },
      kind: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    say(usage);
    return 0;
  }
  if (values.show !== undefined) return show(drawnScenario(countOf(values.show)));
  if (values.shrink !== undefined) return showSmallest(drawnScenario(countOf(values.shrink)), values.kind);
  const made = campaign(countOf(values.seed), countOf(values.runs), tellProgress(countOf(values.runs)));
  say(report(made));
  return made.failedRuns === 0 ? 0 : 1;
}

/** @throws Error for what is no number from 1 on */
function countOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${text} is no seed and no number of runs: write a number from 1 on.\n\n${usage}`);
  return Number(text);
}

/** Every 5,000 runs one line, for long campaigns; on standard error, so that the report stands alone. */
const tellProgress = (runs: number) => (made: number) => {
  if (made % 5_000 === 0 && made < runs) process.stderr.write(`${made} of ${runs}\n`);
};

function show(scenario: Scenario): number {
  const run = simulate(scenario, { keepsTrace: true });
  const violations = check(run);
  say(run.trace.join('\n'));
  say('');
  say(
    violations.length === 0
      ? 'Nothing is wrong.'
      : violations.map(({ kind, about, explanation }) => `${kind} (${about}): ${explanation}`).join('\n'),
  );
  return violations.some(isAvoidable) ? 1 : 0;
}

function showSmallest(scenario: Scenario, wanted: string | undefined): number {
  const kind = (wanted ?? check(simulate(scenario))[0]?.kind) as Kind | undefined;
  if (!kind) {
    say(`Nothing is wrong with the run of seed ${scenario.seed}.`);
    return 0;
  }
  const smallest = shrink(scenario, kind);
  say(`The fewest acts and faults of seed ${scenario.seed} that lead to ${kind}:`);
  for (const act of smallest.acts) say(`  ${JSON.stringify(act)}`);
  say(`  ${JSON.stringify(Object.fromEntries(Object.entries(smallest.faults).filter(([, size]) => size !== 0)))}\n`);
  return show(smallest);
}

process.stdout.on('error', () => undefined); // whoever reads only the beginning, such as `head`
try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const isUsage = String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${usage}\n` : ''}`);
  process.exitCode = 2;
}
