import { randomUUID } from 'node:crypto';
import type { Marketplace } from '../marketplace';
import { planOf, type Offer, type Plan, type TermUnit } from '../offers/offer';
import type { OperationOpener } from '../operation/operation.opener';
import type { Person } from '../people/person';
import type { Channel, Subscription } from './subscription';
import { termFrom } from './term';

export interface Order {
  offerId: string;
  planId?: string;
  quantity?: number;
  termUnit?: TermUnit;
  name?: string;
  channel: Channel;
  /** Asks for a plan that Microsoft activates by itself, or for one that it does not. Left out: a named plan is taken as it is. */
  autoActivate?: boolean;
  beneficiary: Person;
  purchaser: Person;
}

/** An order that the store does not take: what is wrong, and what would be right. */
export interface BadOrder {
  field: 'offerId' | 'planId' | 'quantity' | 'termUnit';
  message: string;
}

export class Purchases {
  constructor(
    private readonly marketplace: Marketplace,
    private readonly opener: OperationOpener,
  ) {}

  /**
   * Buys. Nothing is announced to the publisher (contract 1.3): the customer's browser will bring a token. Except for an automatically activated plan, which
   * is Subscribed at once and told by `Subscribe` (contract 4.8).
   */
  buy(order: Order): Subscription | BadOrder {
    const { catalogue } = this.marketplace;
    const offer = catalogue.offer(order.offerId);
    if (!offer) return { field: 'offerId', message: `There is no offer ${order.offerId}; there are ${ids(catalogue.offers, 'offerId')}.` };
    const plan = choosePlan(offer, order);
    if ('field' in plan) return plan;
    const quantity = chooseQuantity(plan, order.quantity);
    if (quantity !== null && typeof quantity === 'object') return quantity;
    const termUnit = order.termUnit ?? 'P1M';
    if (!plan.billingTerms.some((term) => term.termUnit === termUnit)) {
      return {
        field: 'termUnit',
        message: `Plan ${plan.planId} is sold for ${plan.billingTerms.map((term) => term.termUnit).join(', ')}, not for ${termUnit}.`,
      };
    }
    return this.marketplace.atomically(() => this.register(order, offer, plan, quantity, termUnit));
  }

  private register(order: Order, offer: Offer, plan: Plan, quantity: number | null, termUnit: TermUnit): Subscription {
    const { subscriptions, clock } = this.marketplace;
    const now = clock.timeStamp();
    const subscription = subscriptions.put({
      id: randomUUID(),
      position: subscriptions.nextPosition,
      name: order.name ?? `${order.beneficiary.organisation} ${offer.displayName}`,
      offerId: offer.offerId,
      planId: plan.planId,
      quantity,
      status: plan.isAutoActivated ? 'Subscribed' : 'PendingFulfillmentStart',
      termUnit,
      term: plan.isAutoActivated ? termFrom(clock.now(), termUnit) : null,
      autoRenew: true,
      channel: order.channel,
      beneficiaryId: order.beneficiary.id,
      purchaserId: order.purchaser.id,
      created: now,
      lastModified: now,
      activateCalls: 0,
      pendingOperationId: null,
    });
    if (plan.isAutoActivated) this.opener.announce(subscription, 'Subscribe', 'Azure');
    return subscription;
  }
}

function choosePlan(offer: Offer, order: Order): Plan | BadOrder {
  const onSale = offer.plans.filter((plan) => !plan.isStopSell && plan.isAutoActivated === (order.autoActivate ?? false));
  if (order.planId === undefined) return onSale.find((plan) => plan.planId === offer.defaultPlanId) ?? (onSale[0] as Plan);
  const plan = planOf(offer, order.planId);
  if (!plan)
    return { field: 'planId', message: `Offer ${offer.offerId} has no plan ${order.planId}; it has ${ids(offer.plans, 'planId')}.` };
  if (plan.isStopSell) return { field: 'planId', message: `Plan ${plan.planId} is no longer sold.` };
  if (order.autoActivate && !plan.isAutoActivated) {
    return { field: 'planId', message: `Plan ${plan.planId} is not activated automatically; of this offer ${ids(onSale, 'planId')} is.` };
  }
  if (order.autoActivate === false && plan.isAutoActivated)
    return { field: 'planId', message: `Plan ${plan.planId} is activated automatically.` };
  return plan;
}

function chooseQuantity(plan: Plan, wanted: number | undefined): number | null | BadOrder {
  if (!plan.seats) {
    if (wanted === undefined) return null;
    return { field: 'quantity', message: `Plan ${plan.planId} has a flat rate: leave quantity out.` };
  }
  const quantity = wanted ?? plan.seats.min;
  if (quantity >= plan.seats.min && quantity <= plan.seats.max) return quantity;
  return {
    field: 'quantity',
    message: `Plan ${plan.planId} is sold for ${plan.seats.min} to ${plan.seats.max} seats, not for ${quantity}.`,
  };
}

function ids<K extends string>(things: readonly Record<K, string>[], key: K): string {
  return things.map((thing) => thing[key]).join(', ');
}
