import { decided } from '../ledger/answer.domain';
import { HOUR_MS, type Instant } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { sumOf, type Micros } from '../ledger/micros';

/** So long after the deadline of an hour, behind which nothing of it is sent, Microsoft's list is taken to show it: its data can be days old (contract 6.5). */
export const SHOWN_AFTER_MS = 72 * HOUR_MS;
/** The reason of an uncertain hour that a list could not decide about: an operator has to. */
export const UNDECIDED = 'undecided';
/** The reason of a written-off hour that Microsoft may have all the same. */
export const UNCERTAIN = 'uncertain';
/** With more unknown hours of a day they can't be told apart, unless Microsoft has all of them or none: there are 2^16 ways. */
const UNKNOWN_LIMIT = 16;

/** What Microsoft's list has of a day, dimension and plan of one subscription. */
export interface Listed {
  readonly quantity: Micros;
  /** Events. */
  readonly count: number;
}

/** Microsoft may have it, and nobody knows. */
export const isUnknown = ({ state, reason }: Pick<BilledHour, 'state' | 'reason'>): boolean =>
  state === 'uncertain' || state === 'waiting' || (state === 'written-off' && reason === UNCERTAIN);

const isDecidable = ({ state, deadline }: BilledHour, listedAt: Instant): boolean =>
  state === 'uncertain' && deadline + SHOWN_AFTER_MS <= listedAt;

/**
 * What Microsoft's list of a day decides about its uncertain hours. The list has only the sum and the number of events, so that each set of hours is looked for with which both agree: an
 * hour that is in all of them was accepted, one that is in none never came. Whatever else could be is an operator's to decide.
 * @param isShared another system reported on that day as well, so that the list says nothing of ours
 * @param hours all that were ever handed over of this day, dimension and plan
 * @returns those that changed
 */
export function decidedByList(hours: readonly BilledHour[], listed: Listed, listedAt: Instant, isShared = false): readonly BilledHour[] {
  const accepted = hours.filter(({ state }) => state === 'accepted');
  const unknown = hours.filter(isUnknown);
  const unexplained = {
    quantity: listed.quantity - sumOf(accepted.map(({ quantity }) => quantity)),
    count: listed.count - accepted.length,
  };
  const quantities = unknown.map(({ quantity }) => quantity);
  const places = isShared ? null : explanationsOf(quantities, unexplained);
  return unknown.flatMap((hour, place): BilledHour[] => {
    if (!isDecidable(hour, listedAt)) return [];
    const verdict = places?.[place] ?? null;
    if (verdict === null) return hour.reason === UNDECIDED ? [] : [{ ...hour, reason: UNDECIDED }];
    return [{ ...decided(hour, verdict ? hour.quantity : null).hour, reason: null }];
  });
}

/** Of each quantity: true where it is in every set that explains the sum, false where it is in none, null otherwise. Null: no set does, or they are too many to look at. */
function explanationsOf(quantities: readonly Micros[], { quantity, count }: Listed): readonly (boolean | null)[] | null {
  if (quantity === 0n && count === 0) return quantities.map(() => false);
  if (count === quantities.length && quantity === sumOf(quantities)) return quantities.map(() => true);
  if (quantities.length > UNKNOWN_LIMIT) return null;
  const found = setsOf(quantities, quantity, count);
  if (found.length === 0) return null;
  return quantities.map((_quantity, place) => {
    const isIn = found.filter((set) => (set & (1 << place)) !== 0).length;
    return isIn === found.length ? true : isIn === 0 ? false : null;
  });
}

/** The sets of so many quantities that make this sum, a bit for each place. */
function setsOf(quantities: readonly Micros[], sum: Micros, count: number, place = 0): readonly number[] {
  if (count === 0) return sum === 0n ? [0] : [];
  if (sum < 0n || count < 0 || quantities.length - place < count) return [];
  const without = setsOf(quantities, sum, count, place + 1);
  const withIt = setsOf(quantities, sum - quantities[place]!, count - 1, place + 1);
  return [...without, ...withIt.map((set) => set | (1 << place))];
}
