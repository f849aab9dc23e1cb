import { DAY_MS } from '../../ledger/hours';

/**
 * How Microsoft's list differs from our sums. `mismatch`: what it processed is not what it was sent. `rejected`: its pipeline refused it. `missing`: we have it accepted, and five
 * days after the beginning of its day the list does not show it. `unexpected`: it has more than we can explain.
 */
export const differenceKinds = ['mismatch', 'rejected', 'missing', 'unexpected'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** `dismissed`: an operator has explained it, and nothing has changed about it since. `over`: a later list agrees. */
export const differenceStates = ['open', 'dismissed', 'over'] as const;

/** From the beginning of a day: anything of it is sent until the end of the next day, and Microsoft is given three days more. */
export const MISSING_AFTER_MS = 5 * DAY_MS;
