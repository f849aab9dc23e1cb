import { check } from '../checker/check';
import type { Kind } from '../checker/violation';
import type { Faults } from '../microsoft/faults';
import { simulate } from '../run';
import type { Scenario } from './scenario';

/** Takes acts and faults out of a scenario as long as the same kind of violation stays. What remains is what it takes. */
export function shrink(scenario: Scenario, kind: Kind): Scenario {
  for (;;) {
    const smaller = smallerThan(scenario).find((candidate) => check(simulate(candidate)).some((violation) => violation.kind === kind));
    if (!smaller) return scenario;
    scenario = smaller;
  }
}

/** Each act and each fault left out, one at a time. */
function smallerThan({ acts, faults, ...same }: Scenario): Scenario[] {
  const withoutAct = acts.map((act) => ({ ...same, faults, acts: acts.filter((other) => other !== act) }));
  const withoutFault = (Object.keys(faults) as (keyof Faults)[])
    .filter((fault) => faults[fault] !== 0)
    .map((fault) => ({ ...same, acts, faults: { ...faults, [fault]: 0 } }));
  return [...withoutAct, ...withoutFault];
}
