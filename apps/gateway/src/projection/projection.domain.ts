import type { MessageOf, purchaseRegistered, subscriptionEvents } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import type { ProjectionChange, SubscriptionProjection } from './projection';

/** The purchase is known now: the page can show what it is, and to whom. */
export function linkPurchase(
  change: ProjectionChange | undefined,
  { data }: MessageOf<typeof purchaseRegistered>,
): Outcome<ProjectionChange> {
  const { purchaseId, plans, ...content } = data;
  return changed({
    projection: newest(change?.projection, content),
    newPurchases: [...(change?.newPurchases ?? []), { purchaseId, plans }],
  });
}

/** Keeps the newest state of a subscription. Two topics may be read in any order, so only the version counts. */
export function project(change: ProjectionChange | undefined, { data }: MessageOf<typeof subscriptionEvents>): Outcome<ProjectionChange> {
  if (change && change.projection.version >= data.version) return ignored('a newer version is known');
  const projection = newest(change?.projection, { ...data, termUnit: data.term?.termUnit ?? null });
  return changed({ projection, newPurchases: change?.newPurchases ?? [] });
}

/** What messages say of a subscription. */
type Content = Omit<SubscriptionProjection, 'confirmedAt' | 'confirmedPurchaseId' | 'hasSetUpFailed' | 'rejectionReason'> & {
  readonly hasSetUpFailed?: boolean;
  readonly rejectionReason?: string;
};

/** An older message changes nothing, and no message changes that the customer has confirmed. */
function newest(current: SubscriptionProjection | undefined, content: Content): SubscriptionProjection {
  if (current && current.version > content.version) return current;
  const { subscriptionId, version, publisherId, offerId, isPreview, planId, quantity, termUnit } = content;
  const { status, stage, access, beneficiary, purchaser } = content;
  return {
    ...{ subscriptionId, version, publisherId, offerId, isPreview, planId, quantity, termUnit },
    ...{ status, stage, access, beneficiary, purchaser },
    hasSetUpFailed: content.hasSetUpFailed ?? false,
    rejectionReason: content.rejectionReason ?? null,
    confirmedAt: current?.confirmedAt ?? null,
    confirmedPurchaseId: current?.confirmedPurchaseId ?? null,
  };
}
