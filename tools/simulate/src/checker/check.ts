import type { Run } from '../run';
import { causes } from './causes';
import { dates } from './dates';
import { flaps } from './flaps';
import { gaps, renewedTwice, revived } from './order';
import { refusals } from './refusals';
import { requests } from './requests';
import { rest, toldOtherwise, waits } from './rest';
import { activations, registrations, setUps, toldTwice } from './set.up';
import type { Violation } from './violation';

/** Everything that is wrong with a run. */
export const check = (run: Run): Violation[] =>
  [
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
  ].flatMap((find) => find(run));
