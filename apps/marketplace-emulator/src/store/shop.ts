import { ControlInputError, type PartyBody, type PurchaseBody } from '../control/control.schemas';
import { limits } from '../limits';
import type { Catalogue } from '../offers/catalogue';
import type { Billing } from '../operation/billing';
import type { ChangeRequests } from '../operation/change.requests';
import type { Operation, Refusal } from '../operation/operation';
import type { People } from '../people/people';
import { defaultBuyer, defaultReseller, type Person } from '../people/person';
import type { BadOrder } from '../subscription/order';
import type { Purchases } from '../subscription/purchases';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';

/** What a customer, a reseller or Microsoft's billing can do to a subscription. */
export type StoreAction =
  | { action: 'change-plan'; planId: string }
  | { action: 'change-quantity'; quantity: number }
  | { action: 'suspend' | 'reinstate' | 'renew' | 'unsubscribe' };

/** Purchases and changes by customers, resellers and Microsoft's billing, for the control API and the store page alike. */
export class Shop {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly people: People,
    private readonly catalogue: Catalogue,
    private readonly purchases: Purchases,
    private readonly changes: ChangeRequests,
    private readonly billing: Billing,
  ) {}

  /** Buys what is asked for; whatever is left out is chosen. A reseller's sale has the reseller as purchaser (contract 1.2). */
  buy(wanted: PurchaseBody): Subscription | BadOrder {
    if (this.subscriptions.size >= limits.subscriptions) {
      throw new ControlInputError(
        `There are ${limits.subscriptions} subscriptions, as many as there may be; POST /control/reset makes room.`,
      );
    }
    const { defaultOffer } = this.catalogue;
    if (!defaultOffer) return { field: 'offerId', message: 'Nothing is sold: PUT /control/offers/{offerId} adds an offer.' };
    const channel = wanted.channel ?? 'direct';
    const beneficiary = wanted.beneficiary === undefined ? defaultBuyer : this.person(wanted.beneficiary, 'beneficiary');
    const otherwise = channel === 'csp' ? defaultReseller : beneficiary;
    const purchaser = wanted.purchaser === undefined ? otherwise : this.person(wanted.purchaser, 'purchaser');
    return this.purchases.buy({
      ...wanted,
      offerId: wanted.offerId ?? defaultOffer.offerId,
      channel,
      beneficiary,
      purchaser,
    });
  }

  start(subscription: Subscription): Subscription | Refusal {
    return this.purchases.start(subscription);
  }

  act(subscription: Subscription, wanted: StoreAction): Operation | Refusal {
    switch (wanted.action) {
      case 'change-plan':
        return this.changes.changePlan(subscription, wanted.planId, { source: 'Azure' });
      case 'change-quantity':
        return this.changes.changeQuantity(subscription, wanted.quantity, { source: 'Azure' });
      case 'suspend':
      case 'reinstate':
      case 'renew':
      case 'unsubscribe':
        return this.billing[wanted.action](subscription);
    }
  }

  private person(wanted: PartyBody, field: string): Person {
    const { people } = this;
    if (typeof wanted === 'string') {
      const known = people.get(wanted);
      if (known) return known;
      throw new ControlInputError(
        `${field}: nobody has the object id ${wanted}; GET /control/people lists who is known, POST /control/people adds somebody`,
      );
    }
    if (people.isFull()) throw new ControlInputError(`${field}: no more people can be added; POST /control/reset makes room`);
    return people.add(wanted);
  }
}
