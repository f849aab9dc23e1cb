import { randomUUID } from 'node:crypto';
import type { Catalogue } from '../offers/catalogue';
import type { Seats } from '../offers/offer';
import type { Refusal } from '../operation/operation';
import type { OperationOpener } from '../operation/operation.opener';
import type { People } from '../people/people';
import type { Atomically } from '../state/atomically';
import type { Clock } from '../time/clock';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { isBadOrder, type BadOrder, type Order } from './order';
import { check, type CheckedOrder } from './order.check';
import type { PrivateOffer, Subscription, SubscriptionStatus } from './subscription';
import type { SubscriptionRepository } from './subscription.repository';
import { beginTerm } from './term';
import { hasUsedTrial } from './trials';

export class Purchases {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly people: People,
    private readonly catalogue: Catalogue,
    private readonly webhooks: Pick<WebhookQueue, 'isFull'>,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
    private readonly opener: OperationOpener,
  ) {}

  /**
   * Buys. No webhook is sent (contract 1.3): the customer's browser brings a token to the landing page. Except for an automatically
   * activated plan, which is Subscribed at once and announced by `Subscribe` (contract 4.8).
   */
  buy(order: Order): Subscription | BadOrder {
    const { catalogue, subscriptions, people, webhooks } = this;
    const checked = check(order, catalogue);
    if (isBadOrder(checked)) return checked;
    if (checked.plan.isAutoActivated && webhooks.isFull())
      return {
        field: 'planId',
        message: 'Too many webhooks wait for their delivery to announce another purchase; buy again when some are gone.',
      };
    if (order.trial && hasUsedTrial(order.offerId, order.beneficiary, subscriptions, people)) {
      return {
        field: 'trial',
        message: `This customer has had a paid period or a trial of ${order.offerId} already, so there is no further one (contract 1.5): leave trial out to pay.`,
      };
    }
    return this.atomically(() => this.create(order, checked));
  }

  /** From NotStarted to where every purchase begins. */
  start(subscription: Subscription): Subscription | Refusal {
    if (subscription.status !== 'NotStarted')
      return {
        refused: 'wrong-status',
        message: `The subscription is ${subscription.status}; only one that is NotStarted can be started.`,
      };
    return this.subscriptions.put({ ...subscription, status: 'PendingFulfillmentStart' });
  }

  private create(order: Order, checked: CheckedOrder): Subscription {
    const { subscriptions, clock } = this;
    const { offer, plan, quantity, termUnit } = checked;
    const now = clock.timeStamp();
    const subscription = subscriptions.put({
      id: randomUUID(),
      position: subscriptions.nextPosition,
      name: order.name ?? `${order.beneficiary.organisation} ${offer.displayName}`,
      offerId: offer.offerId,
      planId: plan.planId,
      quantity,
      status: statusOf(order, checked),
      termUnit,
      term: null,
      autoRenew: true,
      isFreeTrial: order.trial ?? false,
      channel: order.channel,
      beneficiaryId: order.beneficiary.id,
      purchaserId: order.purchaser.id,
      created: now,
      lastModified: now,
      activateCalls: 0,
      pendingOperationId: null,
      ...traitsOf(order, checked),
      ...(plan.isAutoActivated ? beginTerm(clock.now(), { termUnit, isFreeTrial: order.trial ?? false }) : {}),
    });
    if (plan.isAutoActivated) this.opener.announce(subscription, 'Subscribe', 'Azure');
    return subscription;
  }
}

function statusOf(order: Order, { plan }: CheckedOrder): SubscriptionStatus {
  if (plan.isAutoActivated) return 'Subscribed';
  return order.notStarted ? 'NotStarted' : 'PendingFulfillmentStart';
}

/** What only few purchases have: a missing member means no. */
function traitsOf(
  { preview, privateOffer, isTest, sessionMode, sandboxType, missing, empty }: Order,
  { plan, seats }: CheckedOrder,
): Partial<Subscription> {
  return {
    ...(preview ? { isPreview: true } : {}),
    ...(privateOffer ? { privateOffer: agreedOf(privateOffer, plan.planId, seats) } : {}),
    ...(isTest ? { isTest } : {}),
    ...(sessionMode ? { sessionMode } : {}),
    ...(sandboxType ? { sandboxType } : {}),
    ...(missing ? { missing } : {}),
    ...(empty ? { empty } : {}),
  };
}

function agreedOf(
  { externalId, seats: _checked, ...agreed }: NonNullable<Order['privateOffer']>,
  planId: string,
  seats?: Seats,
): PrivateOffer {
  return { externalId: externalId ?? randomUUID(), planId, ...(seats ? { seats } : {}), ...agreed };
}
