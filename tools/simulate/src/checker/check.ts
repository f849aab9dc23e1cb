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
    : finds.flatMap((find) => find(run)).map((found) => (isDismissed ? asDismissed(found) : found));
}

const asDismissed = (found: Violation): Violation =>
  found.kind === 'rest' && found.about === 'status' ? { ...found, kind: 'ended-dismissed' } : found;

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
