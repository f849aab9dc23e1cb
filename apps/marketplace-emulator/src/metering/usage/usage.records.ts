import { shownOfferId } from '../../subscription/subscription.dto';
import type { Subscription } from '../../subscription/subscription';
import type { CallFault } from '../../faults/fault';
import { azureSubscriptionIdOf } from '../azure.resource';
import { decimalOf, numberOf } from '../decimal';
import type { UsageMarketplace } from './usage.marketplace';
import type { UsageRepository, UsageDay } from './usage.repository';
import type { MayUse } from './usage.decision';
import { isLeftOut, misread, type Reconciliation } from './row.faults';
import type { UsageQuery } from './usage.query';

/** Reported usage by the day, with what Microsoft's reconciliation made of it (contract 6.5). */
export class UsageRecords {
  constructor(
    private readonly marketplace: Pick<UsageMarketplace, 'catalogue' | 'clock' | 'people' | 'subscriptions'>,
    private readonly repository: Pick<UsageRepository, 'days'>,
  ) {}

  /**
   * What the query asks for of the subscriptions that the caller may use, by day.
   *
   * @param fault what happens to the call that reads them
   */
  list(query: UsageQuery, mayUse: MayUse, fault?: CallFault) {
    const nowMs = this.marketplace.clock.now();
    const days = this.repository.days(
      ({ usageDate, dimension, planId }) =>
        usageDate >= query.from && usageDate <= query.to && isOrAny(query.dimension, dimension) && isOrAny(query.planId, planId),
    );
    return days
      .map((day) => ({ day, subscription: this.marketplace.subscriptions.get(day.subscriptionId) }))
      .filter(
        (entry): entry is { day: UsageDay; subscription: Subscription } => entry.subscription !== undefined && mayUse(entry.subscription),
      )
      .filter((row) => row.day.forced?.reconStatus !== 'Missing' && !isLeftOut(row, fault, nowMs))
      .map(({ day, subscription }) => {
        const reconciled = misread({ day, subscription }, reconciliationOf(day, subscription, nowMs), fault);
        return this.record(day, subscription, reconciled);
      })
      .filter(
        (record) =>
          isOrAny(query.offerId, record.offerId) &&
          isOrAny(query.azureSubscriptionId, record.azureSubscriptionId) &&
          isOrAny(query.reconStatus, record.reconStatus),
      )
      .sort((one, other) => (one.usageDate < other.usageDate ? -1 : Number(one.usageDate > other.usageDate)));
  }

  /** Names are empty until the analytics have processed the day (contract 6.5). */
  private record(day: UsageDay, subscription: Subscription, { reconStatus, processedQuantity }: Reconciliation) {
    const offer = this.marketplace.catalogue.offerOf(subscription);
    const plan = this.marketplace.catalogue.planOf({ offerId: subscription.offerId, planId: day.planId });
    const isProcessed = ['Accepted', 'Rejected', 'Mismatch'].includes(reconStatus);
    return {
      usageDate: `${day.usageDate}T00:00:00Z`,
      usageResourceId: subscription.id,
      dimension: day.dimension,
      planId: day.planId,
      planName: isProcessed ? plan.displayName : '',
      offerId: shownOfferId(subscription),
      offerName: isProcessed ? offer.displayName : '',
      offerType: 'SaaS',
      azureSubscriptionId: azureSubscriptionIdOf(subscription, this.marketplace),
      reconStatus,
      submittedQuantity: numberOf(decimalOf(day.quantity)),
      processedQuantity,
      submittedCount: day.count,
    };
  }
}

/**
 * The state of reconciliation of a day. It has happened when the stored due time has come, so that no timer is needed and none can be lost;
 * usage of tests and dry runs never gets that far.
 */
export function reconciliationOf(day: UsageDay, { sessionMode, isTest }: Subscription, nowMs: number): Reconciliation {
  const submitted = numberOf(decimalOf(day.quantity));
  if (sessionMode === 'DryRun') return { reconStatus: 'DryRun', processedQuantity: 0 };
  if (isTest) return { reconStatus: 'TestHeaders', processedQuantity: 0 };
  const reconStatus = day.forced?.reconStatus ?? (nowMs >= day.reconciledAtMs ? 'Accepted' : 'Submitted');
  switch (reconStatus) {
    case 'Accepted':
      return { reconStatus, processedQuantity: submitted };
    case 'Mismatch':
      return { reconStatus, processedQuantity: day.forced?.processedQuantity ?? submitted / 2 };
    case 'Rejected':
    case 'Submitted':
      return { reconStatus, processedQuantity: 0 };
    case 'Missing':
      return { reconStatus: 'Submitted', processedQuantity: 0 }; // it is not told at all
  }
}

function isOrAny(wanted: string | undefined, actual: string): boolean {
  return wanted === undefined || wanted === actual;
}
