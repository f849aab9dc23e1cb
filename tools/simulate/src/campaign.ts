import { check } from './checker/check';
import { endedAsShown } from './checker/sweeps';
import { measure, type Announcement, type Measures } from './checker/measures';
import { isAvoidable, kinds, unavoidable, type Kind } from './checker/violation';
import { simulate } from './run';
import { drawnScenario } from './scenario/scenario';

/** What many runs came to. */
export interface Campaign {
  readonly firstSeed: number;
  readonly runs: number;
  /** By kind: how many violations, and in which runs. */
  readonly violations: ReadonlyMap<Kind, { readonly count: number; readonly seeds: readonly number[] }>;
  /** How many runs have a violation that can be avoided. */
  readonly failedRuns: number;
  readonly totals: Omit<Measures, 'convergedMs' | 'patchedMs'>;
  readonly convergedMs: Readonly<Record<Announcement, readonly number[]>>;
  readonly patchedMs: readonly number[];
}

/** Makes the runs of the seeds from `firstSeed` on. `whenMade` is told how many are made. */
export function campaign(firstSeed: number, runs: number, whenMade: (made: number) => void = () => undefined): Campaign {
  const violations = new Map<Kind, { count: number; seeds: number[] }>();
  const totals = {
    changes: 0,
    events: 0,
    refused: 0,
    overruled: 0,
    activated: 0,
    accessDeniedMs: 0,
    accessGivenMs: 0,
    subscriptionReads: 0,
    operationReads: 0,
  };
  const convergedMs: Record<Announcement, number[]> = { shown: [], hidden: [], none: [] };
  const patchedMs: number[] = [];
  let failedRuns = 0;
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const run = simulate(drawnScenario(seed));
    const found = check(run);
    if (found.some(isAvoidable)) failedRuns++;
    for (const { kind } of found) {
      const known = violations.get(kind) ?? { count: 0, seeds: [] };
      violations.set(kind, { count: known.count + 1, seeds: known.seeds.at(-1) === seed ? known.seeds : [...known.seeds, seed] });
    }
    const measures = measure(run);
    whenMade(seed - firstSeed + 1);
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += measures[name];
    if (run.scenario.begins === 'unknown' || endedAsShown(run).length > 0) continue; // nobody could tell of what we did not know, or what Microsoft denied
    for (const name of Object.keys(convergedMs) as Announcement[]) convergedMs[name].push(...measures.convergedMs[name]);
    patchedMs.push(...measures.patchedMs);
  }
  return { firstSeed, runs, violations: inOrder(violations), failedRuns, totals, convergedMs, patchedMs };
}

const inOrder = <Value>(violations: ReadonlyMap<Kind, Value>): Map<Kind, Value> =>
  new Map([...kinds, ...unavoidable].flatMap((kind) => (violations.has(kind) ? [[kind, violations.get(kind)!] as const] : [])));
