import { check } from '../checker/check';
import type { Kind } from '../checker/violation';
import type { Faults } from '../microsoft/faults';
import { simulate } from '../run';
import type { Publisher } from './publisher';
import type { Scenario } from './scenario';

/** Takes acts and faults out of a scenario as long as the same kind of violation stays. What remains is what it takes. */
export function shrink(scenario: Scenario, kind: Kind): Scenario {
  for (;;) {
    const smaller = smallerThan(scenario).find((candidate) => check(simulate(candidate)).some((violation) => violation.kind === kind));
    if (!smaller) return scenario;
    scenario = smaller;
  }
}

/** The trouble, the last sibling, each act and each fault left out, one at a time. Siblings are counted from the first, so none before the last can go. */
function smallerThan({ acts, faults, ...same }: Scenario): Scenario[] {
  const withoutAct = acts.map((act) => ({ ...same, faults, acts: acts.filter((other) => other !== act) }));
  const withoutFault = (Object.keys(faults) as (keyof Faults)[])
    .filter((fault) => faults[fault] !== 0)
    .map((fault) => ({ ...same, acts, faults: { ...faults, [fault]: 0 } }));
  const around = lessAround(same.publisher).map((publisher) => ({ ...same, acts, faults, publisher }));
  return [...around, ...withoutAct, ...withoutFault];
}

function lessAround(publisher: Publisher): Publisher[] {
  const { siblings, trouble } = publisher;
  const withoutTrouble = trouble ? [{ ...publisher, trouble: null }] : [];
  const withoutLast = siblings.length > 0 ? [{ ...publisher, siblings: siblings.slice(0, -1) }] : [];
  const withoutActs = siblings
    .filter(({ acts }) => acts.length > 0)
    .map((quiet) => ({ ...publisher, siblings: siblings.map((one) => (one === quiet ? { ...one, acts: [] } : one)) }));
  return [...withoutTrouble, ...withoutLast, ...withoutActs];
}
