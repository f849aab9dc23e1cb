import { dueIn, isCounted } from '../ledger/account.domain';
import { decided, recorded, resized } from '../ledger/answer.domain';
import type { Instant } from '../ledger/hours';
import type { BilledHour, Ledger } from '../ledger/ledger';
import { sumOf, wholeCentsOf, type Micros } from '../ledger/micros';
import { effectiveStartOf, ownerOf } from '../ledger/rating.domain';
import { currentOf } from '../ledger/timeline';
import { UNCERTAIN } from '../reconciliation/uncertain.domain';

/**
 * What an operator decides about an hour that waits for it. `confirm`: what is held may go out. `write-off`: it is never billed. `accept`: Microsoft has this much of an uncertain
 * one. `carry`: it has nothing of it, and the units are due in a later hour.
 */
export type HourAct =
  | { readonly kind: 'confirm' }
  | { readonly kind: 'write-off' }
  | { readonly kind: 'accept'; readonly quantity: Micros }
  | { readonly kind: 'carry' };

/** The hour as the operator leaves it, or why not: what it means, and what to do instead. */
export type HourActed = { readonly hour: BilledHour } | { readonly refusal: string };

export function actedOn(ledger: Ledger, hour: BilledHour, act: HourAct, now: Instant): HourActed {
  switch (act.kind) {
    case 'confirm':
      return hour.state === 'held' ? confirmed(ledger, hour, now) : { refusal: `${isIn(hour)}: only what is held can be confirmed` };
    case 'write-off':
      return writtenOff(ledger, hour);
    case 'accept':
      return hour.state === 'uncertain' ? { hour: settled(recorded(hour, act.quantity).hour) } : { refusal: onlyUncertain(hour) };
    case 'carry':
      return hour.state === 'uncertain' ? { hour: settled(decided(hour, null).hour) } : { refusal: onlyUncertain(hour) };
  }
}

/**
 * It goes out under its own hour before its deadline, also where Microsoft takes it only at another try; behind it its units are due in a later one. Corrections that came while it was held take off what they correct. Where the record has
 * changed so that it would be reported otherwise, it is rated anew.
 */
function confirmed(ledger: Ledger, hour: BilledHour, now: Instant): HourActed {
  if (now >= hour.deadline) return { hour: settled({ ...hour, state: 'carried' }) };
  if (currentOf(ledger.timeline)?.status === 'Suspended')
    return {
      refusal:
        'Its subscription is suspended, and Microsoft takes no usage of it: confirm it once it is reinstated, or behind its deadline, when a later hour takes it',
    };
  const isSame =
    ownerOf(ledger.timeline, hour.hour) === hour.planId && effectiveStartOf(ledger.timeline, hour.hour) === hour.effectiveStart;
  const known = { ...hour, confirmed: hour.quantity };
  if (!isSame) return { hour: settled({ ...known, state: 'returned', notBefore: null }) };
  return { hour: settled(sized(ledger, known, 'waiting')) };
}

function writtenOff(ledger: Ledger, hour: BilledHour): HourActed {
  if (hour.state === 'held') return { hour: sized(ledger, hour, 'written-off') };
  if (hour.state === 'uncertain') return { hour: { ...hour, state: 'written-off', reason: UNCERTAIN } };
  return { refusal: `${isIn(hour)}: only what is held or uncertain can be written off` };
}

/** What is still due of a held hour; carried, where corrections have left nothing of it. */
function sized(ledger: Ledger, hour: BilledHour, state: 'waiting' | 'written-off'): BilledHour {
  const credit = creditOf(ledger, hour);
  if (credit === 0n) return { ...hour, state };
  const left = hour.quantity - credit;
  const price = ledger.rates[hour.planId]?.prices[hour.dimension] ?? null;
  const quantity = left > 0n ? wholeCentsOf(left, price) : 0n;
  if (quantity === 0n) return settled({ ...hour, state: 'carried' });
  return { ...hour, state, quantity, shares: resized(hour.shares, quantity) };
}

/** By how much more of the dimension is placed than is billable now; never below 0. */
function creditOf(ledger: Ledger, { planId, meter, dimension }: BilledHour): Micros {
  const open = ledger.accounts
    .filter((account) => account.planId === planId && account.meter === meter)
    .filter(isCounted)
    .map((account) => dueIn(account, dimension));
  const sum = sumOf(open);
  return sum < 0n ? -sum : 0n;
}

const settled = (hour: BilledHour): BilledHour => ({ ...hour, reason: null });
const isIn = ({ state }: BilledHour): string => `It is ${state}`;
const onlyUncertain = (hour: BilledHour): string =>
  `${isIn(hour)}: what Microsoft has is asked of uncertain hours alone. Confirm a held one, or write it off`;
