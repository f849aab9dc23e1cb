import { usageOverReported, usageReported } from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import { isoOf } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { decimalOf } from '../ledger/micros';

/** An hour as it is now, and whose it is. */
interface AcceptedHour {
  readonly subscriptionId: string;
  readonly publisherId: string;
  readonly offerId: string;
  readonly hour: BilledHour;
}

/** How it became known that Microsoft has accepted an hour. */
export interface Acceptance {
  /** Null where nobody knows it. */
  readonly usageEventId: string | null;
  readonly acceptedAt: string;
  readonly foundAt: string;
}

/** What products are told, once the hour is accepted. */
export function toldOfAccepted(
  { subscriptionId, publisherId, offerId, hour }: AcceptedHour,
  before: BilledHour,
  { usageEventId, acceptedAt, foundAt }: Acceptance,
): Effect[] {
  if (hour.state !== 'accepted' || before.state === 'accepted') return [];
  const about = { subscriptionId, publisherId, offerId, planId: hour.planId, dimension: hour.dimension, hour: isoOf(hour.hour) };
  const reported = { quantity: decimalOf(hour.quantity), usageEventId, acceptedAt };
  return [
    usageReported({ ...about, effectiveStartTime: isoOf(hour.effectiveStart), ...reported }),
    ...(hour.quantity > before.quantity
      ? [usageOverReported({ ...about, ours: decimalOf(before.quantity), theirs: decimalOf(hour.quantity), foundAt })]
      : []),
  ];
}
