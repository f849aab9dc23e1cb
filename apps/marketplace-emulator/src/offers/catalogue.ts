import { createHash } from 'node:crypto';
import type { Collection, Document } from '../state/document.store';
import { planOf, type Offer, type Plan } from './offer';

/** An offer that was put or, with `offer` null, taken away while the emulator ran. */
export interface OfferChange extends Document {
  /** The offer's id. */
  id: string;
  offer: Offer | null;
  /** Fingerprint of the offer of the start that it was put above; null where there was none. */
  above: string | null;
}

/** What names an offer or a plan: a subscription does. */
interface Holder {
  offerId: string;
  planId: string;
  quantity?: number | null;
}

/**
 * What can be bought: the offers of the start, and above them what was changed since. A change holds over restarts until the emulator is
 * started with another version of that offer: an edited file of offers is in force again. A reset forgets the changes.
 */
export class Catalogue {
  private readonly atStart: ReadonlyMap<string, { offer: Offer; fingerprint: string }>;

  constructor(
    atStart: readonly Offer[],
    private readonly changes: Collection<OfferChange>,
  ) {
    this.atStart = new Map(atStart.map((offer) => [offer.offerId, { offer, fingerprint: fingerprintOf(offer) }]));
  }

  /** Those of the start first, in their order. */
  get offers(): Offer[] {
    const ids = new Set([...this.atStart.keys(), ...[...this.changes.values()].map(({ id }) => id)]);
    return [...ids].map((id) => this.offer(id)).filter((offer) => offer !== undefined);
  }

  offer(offerId: string): Offer | undefined {
    const started = this.atStart.get(offerId);
    const change = this.changes.get(offerId);
    return change && change.above === (started?.fingerprint ?? null) ? (change.offer ?? undefined) : started?.offer;
  }

  /** The offer of a purchase that names none: the first one priced per seat, else the first. */
  get defaultOffer(): Offer | undefined {
    return this.perSeatOffer ?? this.offers[0];
  }

  get perSeatOffer(): Offer | undefined {
    return this.offers.find(({ pricing }) => pricing === 'per-seat');
  }

  get meteredOffer(): Offer | undefined {
    return this.offers.find(({ plans }) => plans.some(({ meteringDimensions }) => meteringDimensions.length > 0));
  }

  put(offer: Offer): Offer {
    this.changes.put({ id: offer.offerId, offer, above: this.atStart.get(offer.offerId)?.fingerprint ?? null });
    return offer;
  }

  remove(offerId: string): void {
    const started = this.atStart.get(offerId);
    if (started) this.changes.put({ id: offerId, offer: null, above: started.fingerprint });
    else this.changes.delete(offerId);
  }

  /** The offer of a subscription. One that the emulator was not started with this time is no longer sold, but who has it keeps it. */
  offerOf(subscription: { offerId: string }): Offer {
    return this.offer(subscription.offerId) ?? withdrawnOffer(subscription.offerId);
  }

  /** The plan of a subscription, which keeps it in the same way. */
  planOf(subscription: Holder): Plan {
    return planOf(this.offerOf(subscription), subscription.planId) ?? withdrawnPlan(subscription);
  }
}

function fingerprintOf(offer: Offer): string {
  return createHash('sha256').update(JSON.stringify(offer)).digest('base64');
}

function withdrawnOffer(offerId: string): Offer {
  return {
    offerId,
    publisherId: 'contoso',
    displayName: offerId,
    description: 'No longer sold.',
    pricing: 'flat-rate',
    defaultPlanId: '',
    technicalConfiguration: {},
    plans: [],
  };
}

function withdrawnPlan({ planId, quantity }: Holder): Plan {
  return {
    planId,
    displayName: planId,
    description: 'No longer sold.',
    isPrivate: false,
    audience: [],
    hasFreeTrials: false,
    isStopSell: true,
    isAutoActivated: false,
    market: 'US',
    ...(typeof quantity === 'number' ? { seats: { min: 1, max: null } } : {}),
    billingTerms: [],
    meteringDimensions: [],
  };
}
