import { check } from '../checker/check';
import { toldChanges, type Value } from '../checker/public.values';
import type { Violation } from '../checker/violation';
import { kindFate, type Fate } from '../microsoft/fate';
import { noFaults, type Faults } from '../microsoft/faults';
import type { ModelMember } from '../microsoft/members';
import type { Action } from '../microsoft/action';
import { scriptedCopies } from '../microsoft/read-copies';
import { simulate, type RunOptions, type WholeRun } from '../run';
import type { Act, Decision, Deed, Visit } from '../scenario/act';
import { alone } from '../scenario/publisher';
import type { Rules } from '../scenario/rules';
import type { Beginning } from '../scenario/scenario';
import { minute, second } from '../time';

/** A situation that is written by hand. Times are seconds. */
export interface Situation {
  /** When it happens, what happens, and what becomes of its operation where that is not what it mostly is. */
  readonly acts: readonly (readonly [atSeconds: number, deed: Deed | Visit | Decision, fate?: Partial<Fate>])[];
  readonly begins?: Beginning;
  readonly rules?: Rules;
  /** What goes wrong by chance; nothing where it is left out. */
  readonly faults?: Partial<Faults>;
  /** How old the answers of Get Subscription are, at each second. */
  readonly copiesAreOld?: (atSeconds: number) => number;
  readonly leavesOut?: (atSeconds: number) => readonly ModelMember[];
  readonly options?: Pick<RunOptions, 'copyLagMs' | 'restMs'>;
}

/** A change that products were told. `by` is the number of the act behind its cause, counted from 1; null for what a read alone showed. */
export interface Told {
  readonly to: Value;
  readonly by: number | null;
}

/** What came of a situation. */
export interface Outcome {
  readonly run: WholeRun;
  readonly violations: readonly Violation[];
  told(member: ModelMember): Told[];
  /** When products were told, in seconds. */
  toldAt(member: ModelMember, to: Value): number;
  /** The names of all public events. */
  readonly events: readonly string[];
}

/** Plays a situation. No sweep helps it, and nothing happens by chance but how long calls and messages take. */
export function play({
  acts,
  begins = 'set up',
  rules = 'none',
  faults = {},
  copiesAreOld = () => 0,
  leavesOut = () => [],
  options,
}: Situation): Outcome {
  const run = simulate(
    {
      seed: 1,
      begins,
      rules,
      publisher: alone,
      faults: { ...noFaults, ...faults },
      acts: acts.map(([atSeconds, deed, fate], index) => actOf(atSeconds, deed, fate, index + 1)),
    },
    {
      ...{ sweeps: false, keepsTrace: true, restMs: 30 * minute },
      subscriptionCopies: scriptedCopies((nowMs) => copiesAreOld(nowMs / second) * second),
      leavesOut: (nowMs) => leavesOut(nowMs / second),
      ...options,
    },
  );
  const changes = (member: ModelMember) => toldChanges(run, member);
  return {
    run,
    violations: check(run),
    events: run.events.map(({ name }) => name),
    told: (member) => changes(member).map(({ to, event }) => ({ to, by: actOfOperation(event.state.cause.operationId) })),
    toldAt: (member, to) => (changes(member).find((change) => change.to === to)?.atMs ?? Infinity) / second,
  };
}

const actOf = (atSeconds: number, deed: Deed | Visit | Decision, fate: Partial<Fate> | undefined, number: number): Act => ({
  ...deed,
  atMs: atSeconds * second,
  number,
  fate: { ...kindFate(actionOf(deed)), ...fate },
});

const withoutOperation: ReadonlySet<Act['kind']> = new Set([
  'ToggleAutoRenew',
  'ChangeBeneficiary',
  'ActivateItself',
  'Land',
  'Confirm',
  'Approve',
  'Reject',
]);

/** What changes without an operation has none, and no fate. */
function actionOf(deed: Deed | Visit | Decision): Action {
  if (deed.kind === 'Revert') return deed.action;
  return withoutOperation.has(deed.kind) ? 'ChangePlan' : (deed.kind as Action);
}

/** The id of an operation ends in the number of its act. */
const actOfOperation = (operationId: string | undefined): number | null =>
  operationId ? Number.parseInt(operationId.slice(-4), 16) : null;
