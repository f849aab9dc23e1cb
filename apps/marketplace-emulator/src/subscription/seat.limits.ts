import type { Catalogue } from '../offers/catalogue';
import type { Seats } from '../offers/offer';
import type { Subscription } from './subscription';

/**
 * How many seats a subscription may have on its plan: the limits of the private offer under which the plan was bought, else those of the
 * plan (contract 1.2, 1.4).
 */
export function seatLimitsOf(subscription: Subscription, catalogue: Catalogue): Seats | undefined {
  const { privateOffer, planId } = subscription;
  const custom = privateOffer?.planId === planId ? privateOffer.seats : undefined;
  return custom ?? catalogue.planOf(subscription).seats;
}
