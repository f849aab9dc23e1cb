import type { UsageResult } from '@landfall/contracts';
import { HOUR_MS, type Instant } from './hours';
import type { BilledHour, Share } from './ledger';
import { microsOf, sumOf, type Micros } from './micros';

/** So long an hour waits that Microsoft takes nothing for now: its subscription is read meanwhile. */
const RETURNED_FOR_MS = HOUR_MS;

/** What an answer makes of an hour, and what has to be done about it. */
export interface Answered {
  readonly hour: BilledHour;
  /** Microsoft says otherwise than our record: the subscription is read. */
  readonly checksSubscription: boolean;
  /** Microsoft has more than was used: only Partner Center can mend it. */
  readonly overReported: Micros | null;
}

/**
 * What Microsoft's answer means (contract 6.3, 6.4). Whatever follows an attempt that was not answered proves nothing about that one, but for `Accepted` and `Duplicate`: the
 * hour is uncertain then, and no unit of it is sent again before Microsoft's own list has decided. The first answer counts: another one about the same hour changes nothing.
 */
export function answered(hour: BilledHour, result: UsageResult, now: Instant): Answered {
  if (hour.state !== 'waiting') return as(hour);
  switch (result.status) {
    case 'Accepted':
      return as({ ...hour, state: 'accepted' });
    case 'Duplicate':
      return duplicate(hour, result);
    case null:
    case 'Error':
      return as({ ...hour, state: 'uncertain' });
    default:
      return result.unanswered > 0 ? as({ ...hour, state: 'uncertain' }) : hourRefused(hour, result.status, now);
  }
}

function hourRefused(
  hour: BilledHour,
  status: Exclude<UsageResult['status'], 'Accepted' | 'Duplicate' | 'Error' | null>,
  now: Instant,
): Answered {
  switch (status) {
    case 'Expired':
    case 'unsent':
      return as({ ...hour, state: 'carried' });
    case 'ResourceNotActive':
      return { ...as({ ...hour, state: 'returned', notBefore: now + RETURNED_FOR_MS }), checksSubscription: true };
    default:
      return { ...as({ ...hour, state: 'held', reason: status }), checksSubscription: true };
  }
}

/** Microsoft stores the first event of a key, and never another one: what it has counts. */
function duplicate(hour: BilledHour, { stored, unanswered }: UsageResult): Answered {
  if (!stored) return as({ ...hour, state: unanswered > 0 ? 'accepted' : 'uncertain' });
  return recorded(hour, microsOf(stored.quantity));
}

/** Microsoft has this quantity under the key of the hour: the rest of ours is due again, and what is too much is a credit. */
export function recorded(hour: BilledHour, theirs: Micros): Answered {
  const overReported = theirs > hour.quantity ? theirs - hour.quantity : null;
  return {
    hour: { ...hour, state: 'accepted', quantity: theirs, shares: resized(hour.shares, theirs) },
    checksSubscription: false,
    overReported,
  };
}

/** Microsoft's list has decided about an uncertain hour: what it has under the key, null where that is nothing. */
export function decided(hour: BilledHour, theirs: Micros | null): Answered {
  if (hour.state !== 'uncertain') return as(hour);
  return theirs === null ? as({ ...hour, state: 'carried' }) : recorded(hour, theirs);
}

/** The shares of another quantity: what is missing is taken from the newest term, and what is too much is added to it. */
export function resized(shares: readonly Share[], quantity: Micros): readonly Share[] {
  let difference = quantity - sumOf(shares.map((share) => share.quantity));
  const changed: Share[] = [];
  for (const share of shares.toReversed()) {
    const takes = difference >= 0n || share.quantity + difference >= 0n ? difference : -share.quantity;
    const isCredit = share.quantity < 0n;
    changed.unshift(isCredit ? share : { ...share, quantity: share.quantity + takes });
    if (!isCredit) difference -= takes;
  }
  return changed.filter((share) => share.quantity !== 0n);
}

const as = (hour: BilledHour): Answered => ({ hour, checksSubscription: false, overReported: null });
