import type { Run, WholeRun } from '../run';
import { askedAgain, endedAsShown, ends, imports, missing, questions, restless, sweepCauses, sweepWaits } from './sweeps';
import { causes } from './causes';
import { dates } from './dates';
import { flaps } from './flaps';
import { gaps, renewedTwice, revived } from './order';
import { refusals } from './refusals';
import { requests } from './requests';
import { rest, toldOtherwise, waits } from './rest';
import { activations, registrations, setUps, toldTwice } from './set.up';
import type { Violation } from './violation';

/** Everything that is wrong with what became of one subscription. */
function ofSubscription(run: Run, isDismissed: boolean): Violation[] {
  const unavoidable = endedAsShown(run);
  return unavoidable.length > 0
    ? unavoidable
    : finds.flatMap((find) => find(run)).map((found) => (isDismissed ? asDismissed(found, run) : found));
}

/** What was dismissed as unknown has no record at all: then no member is as Microsoft's. */
const asDismissed = (found: Violation, { record }: Run): Violation =>
  found.kind === 'rest' && (found.about === 'status' || record.status === null) ? { ...found, kind: 'ended-dismissed' } : found;

const finds = [
  rest,
  toldOtherwise,
  flaps,
  causes,
  dates,
  renewedTwice,
  revived,
  gaps,
  toldTwice,
  waits,
  activations,
  setUps,
  registrations,
  refusals,
  requests,
  sweepCauses,
];

/** Everything that is wrong with a run. */
export const check = (run: WholeRun): Violation[] => [
  ...[run, ...run.siblings].flatMap((one, number) => ofSubscription(one, run.dismissed.includes(run.ids[number]!))),
  ...[ends, questions, missing, imports, askedAgain, restless, sweepWaits].flatMap((find) => find(run)),
];
