import { planOf, type Offer, type Plan } from './offer';

/** What can be bought. */
export class Catalogue {
  private readonly byId: Map<string, Offer>;

  constructor(readonly offers: readonly Offer[]) {
    this.byId = new Map(offers.map((offer) => [offer.offerId, offer]));
  }

  offer(offerId: string): Offer | undefined {
    return this.byId.get(offerId);
  }

  /** The offer of a subscription: it was checked at the purchase, so it is there. */
  offerOf(subscription: { offerId: string }): Offer {
    const offer = this.byId.get(subscription.offerId);
    if (!offer) throw new Error(`Offer ${subscription.offerId} is not in the catalogue any more.`);
    return offer;
  }

  planOf(subscription: { offerId: string; planId: string }): Plan {
    const plan = planOf(this.offerOf(subscription), subscription.planId);
    if (!plan) throw new Error(`Plan ${subscription.planId} is not in offer ${subscription.offerId} any more.`);
    return plan;
  }
}
