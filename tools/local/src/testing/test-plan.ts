import { join } from 'node:path';
import type { Step } from './test-run';

const kinds = ['unit', 'int', 'e2e', 'regression'] as const;
type Kind = (typeof kinds)[number];

/** Those that nothing else is asked for. Regressions hurt a running system for minutes: they are run by `npm run regressions`. */
const usual: readonly Kind[] = ['unit', 'int', 'e2e'];

export interface TestPlan {
  /** Those of a track go one after the other, the tracks beside each other. */
  tracks: Step[][];
  needsServers: boolean;
}

interface Run {
  title: string;
  kinds: Kind[];
  workers: string[];
  /** Specs of its kinds that belong to another run: a pattern of paths. */
  without?: string;
}

/** Crashes need nothing but patience, and go after the specs: the other journeys take about as long as both. */
const crashes = String.raw`/crash\.e2e\.spec\.ts$`;
const allButCrashes = String.raw`/(?!crash\.)[^/]*\.e2e\.spec\.ts$`;

/**
 * Those of a track go one after the other, the tracks beside each other: half of its time a journey waits for something, and specs use what it leaves of two cores. Specs have two workers; a journey
 * starts a whole system.
 */
const runs: Run[][] = [
  [
    { title: 'unit and integration', kinds: ['unit', 'int'], workers: ['--maxWorkers=2'] },
    { title: 'crashes', kinds: ['e2e'], workers: ['--runInBand'], without: allButCrashes },
  ],
  [
    { title: 'journeys', kinds: ['e2e'], workers: ['--runInBand'], without: crashes },
    { title: 'regressions', kinds: ['regression'], workers: ['--runInBand'] },
  ],
];

/**
 * What `npm test -- …` asks for. Nothing: the checks and all tests but regressions. `unit`, `int`, `e2e`, `regression`: tests of these kinds. Anything else is a pattern of paths. Narrowed
 * runs leave the checks out.
 */
export function planOf(wishes: readonly string[], resultsDir: string): TestPlan {
  const isKind = (wish: string): wish is Kind => (kinds as readonly string[]).includes(wish);
  const wanted: readonly Kind[] = wishes.some(isKind) ? wishes.filter(isKind) : usual;
  const patterns = wishes.filter((wish) => !isKind(wish));
  const [beside = [], ...others] = runs.map((track) =>
    track
      .map((run) => ({ ...run, kinds: run.kinds.filter((kind) => wanted.includes(kind)) }))
      .filter((run) => run.kinds.length > 0)
      .map((run) => jestStep(run, patterns, resultsDir)),
  );
  const tracks = [[...(wishes.length === 0 ? checks : []), ...beside], ...others];
  return { tracks: tracks.filter((track) => track.length > 0), needsServers: wanted.some((kind) => kind !== 'unit') };
}

/**
 * All projects are linted by one process: it learns the types of each library once, where one process per project takes five times as long. The boundary rule
 * passes everything silently unless nx has a project graph in its cache, so that is made first.
 */
const checks: Step[] = [
  { title: 'types', package: 'typescript', bin: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { title: 'projects', package: 'nx', bin: 'nx', args: ['show', 'projects', '--sep', ' '] },
  { title: 'lint', package: 'eslint', bin: 'eslint', args: ['apps', 'libs', 'tools'] },
];

function jestStep({ title, kinds: wanted, workers, without }: Run, patterns: readonly string[], resultsDir: string): Step {
  const others = kinds.filter((kind) => !wanted.includes(kind)).map((kind) => `\\.${kind}\\.spec\\.ts$`);
  const ignored = ['/node_modules/', '/dist/', ...others, ...(without ? [without] : [])].map(
    (pattern) => `--testPathIgnorePatterns=${pattern}`,
  );
  const resultsFile = join(resultsDir, `${title.replaceAll(' ', '-')}.json`);
  const args = [...patterns, ...workers, '--passWithNoTests', '--json', `--outputFile=${resultsFile}`, ...ignored];
  return { title, package: 'jest', bin: 'jest', args, resultsFile };
}
