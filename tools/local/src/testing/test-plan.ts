import { join } from 'node:path';
import type { Step } from './test-run';

const kinds = ['unit', 'int', 'e2e', 'regression'] as const;
type Kind = (typeof kinds)[number];

/** Those that nothing else is asked for. Regressions hurt a running system for minutes: they are run by `npm run regressions`. */
const usual: readonly Kind[] = ['unit', 'int', 'e2e'];

export interface TestPlan {
  /** One after the other. Steps of one stage run beside each other. */
  stages: Step[][];
  needsServers: boolean;
}

/** Specs wait for half of their time, so three workers are what two cores bear; journeys start whole systems, so they go one after the other. */
const runs: { title: string; kinds: Kind[]; workers: string[] }[] = [
  { title: 'unit and integration', kinds: ['unit', 'int'], workers: ['--maxWorkers=3'] },
  { title: 'journeys', kinds: ['e2e'], workers: ['--runInBand'] },
  { title: 'regressions', kinds: ['regression'], workers: ['--runInBand'] },
];

/**
 * What `npm test -- …` asks for. Nothing: the checks and all tests but regressions. `unit`, `int`, `e2e`, `regression`: tests of these kinds. Anything else is a pattern of paths. Narrowed
 * runs leave the checks out.
 */
export function planOf(wishes: readonly string[], resultsDir: string): TestPlan {
  const isKind = (wish: string): wish is Kind => (kinds as readonly string[]).includes(wish);
  const wanted: readonly Kind[] = wishes.some(isKind) ? wishes.filter(isKind) : usual;
  const patterns = wishes.filter((wish) => !isKind(wish));
  const tests = runs
    .map((run) => ({ ...run, kinds: run.kinds.filter((kind) => wanted.includes(kind)) }))
    .filter((run) => run.kinds.length > 0)
    .map((run) => jestStep(run.title, run.kinds, patterns, run.workers, join(resultsDir, `${run.kinds.join('-')}.json`)));
  const stages = tests.map((test) => [test]);
  return { stages: wishes.length === 0 ? [...checks, ...stages] : stages, needsServers: wanted.some((kind) => kind !== 'unit') };
}

/**
 * All projects are linted by one process: it learns the types of each library once, where one process per project takes five times as long. The boundary rule
 * passes everything silently unless nx has a project graph in its cache, so that is made first. Types and lint keep one core busy each, and know no limits of time.
 */
const checks: Step[][] = [
  [{ title: 'projects', package: 'nx', bin: 'nx', args: ['show', 'projects', '--sep', ' '] }],
  [
    { title: 'types', package: 'typescript', bin: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
    { title: 'lint', package: 'eslint', bin: 'eslint', args: ['apps', 'libs', 'tools'] },
  ],
];

function jestStep(title: string, wanted: readonly Kind[], patterns: readonly string[], workers: string[], resultsFile: string): Step {
  const others = kinds.filter((kind) => !wanted.includes(kind)).map((kind) => `\\.${kind}\\.spec\\.ts$`);
  const ignored = ['/node_modules/', '/dist/', ...others].map((pattern) => `--testPathIgnorePatterns=${pattern}`);
  const args = [...patterns, ...workers, '--passWithNoTests', '--json', `--outputFile=${resultsFile}`, ...ignored];
  return { title, package: 'jest', bin: 'jest', args, resultsFile };
}
