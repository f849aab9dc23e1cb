import { subscriptionPurchased, type fulfillmentEvents, type MessageOf } from '@landfall/contracts';
import { applyDifferences, applyEnd } from './comparison.domain';
import { apply, set, statusChange, unchanged, type DatedCause, type Read, type SubscriptionChange } from './subscription';

/**
 * Applies what a read of a subscription shows, whatever the occasion: rules 2 and 3, and rule 6 where we did not know the subscription. A read older
 * than the newest one that was applied changes nothing; one that comes while an operation is open is deferred until that has ended. The end is
 * applied at once, since nothing at Microsoft leads out of it. `imported` matters for a new subscription only: it was not a customer who brought it.
 */
export function applyRead(
  current: SubscriptionChange | undefined,
  read: Read,
  cause: DatedCause,
  { imported }: { imported: boolean } = { imported: true },
): SubscriptionChange {
  if (!current) return create(read, imported, cause);
  const { status, asOf, openOperations } = current.subscription;
  if (isOlder(read.readAt, asOf)) return current;
  switch (statusChange[status][read.snapshot.status]) {
    case 'absorbed':
    case 'stale':
      return current;
    case 'end':
      return applyEnd(current, read.readAt, cause);
    default:
      if (openOperations.length > 0) return defer(current, read);
      return applyDifferences(set(current, { asOf: read.readAt, deferredSnapshot: null }), read.snapshot, cause);
  }
}

/** Of two reads that are deferred, the newer one stays. */
function defer(current: SubscriptionChange, { snapshot, readAt }: Read): SubscriptionChange {
  const { deferredSnapshot } = current.subscription;
  if (deferredSnapshot && isOlder(readAt, deferredSnapshot.readAt)) return current;
  return set(current, { deferredSnapshot: { snapshot, readAt } });
}

/** A subscription that is seen for the first time (rule 6). */
function create({ snapshot, readAt }: Read, imported: boolean, cause: DatedCause): SubscriptionChange {
  const { subscriptionId, ...shown } = snapshot;
  const created = unchanged({
    ...shown,
    id: subscriptionId,
    stage: 'awaiting-customer',
    access: snapshot.status === 'Unsubscribed' ? 'ended' : 'none',
    version: 0,
    sequence: 0,
    imported,
    tenantReference: null,
    failureReason: null,
    asOf: readAt,
    openOperations: [],
    deferredSnapshot: null,
  });
  return apply(created, {}, subscriptionPurchased, { ...cause, effectiveAt: snapshot.purchasedAt });
}

/** Whether a message shows the end of its subscription. Dead letters that came before it do not block it: nothing changes after the end (rule 3). */
export const showsEnd = ({ data }: MessageOf<typeof fulfillmentEvents>): boolean =>
  'snapshot' in data && data.snapshot.status === 'Unsubscribed';

export const isOlder = (instant: string, than: string): boolean => Date.parse(instant) < Date.parse(than);
