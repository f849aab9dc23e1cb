import type { Snapshot } from '../shapes';
import type { Catalog, CatalogOffer, CatalogPlan } from './catalog.schema';

/** An installation that was given no catalog: it names nothing, so that no rule refuses anything. */
export const emptyCatalog: Catalog = { publishers: {} };

/** How messages and tables name an offer: without the ending of a preview, which is told beside it (contract 3.2). */
export type OfferKey = Pick<Snapshot, 'publisherId' | 'offerId' | 'isPreview'>;
export type PlanKey = OfferKey & Pick<Snapshot, 'planId'>;

const PREVIEW = '-preview';

/**
 * The offer that a subscription is of; undefined where the catalog does not name it. Purchases of a preview have an offer id that ends in
 * `-preview` (contract 3.2): where the catalog names just that id it counts, otherwise the offer without the ending does.
 */
export function findOffer(catalog: Catalog, { publisherId, offerId, isPreview }: OfferKey): CatalogOffer | undefined {
  const offers = entryOf(catalog.publishers, publisherId)?.offers ?? {};
  return (isPreview ? entryOf(offers, offerId + PREVIEW) : undefined) ?? entryOf(offers, offerId);
}

/** The plan that a subscription has, and its offer; undefined where the catalog does not name both. */
export function findPlan(catalog: Catalog, key: PlanKey): { readonly offer: CatalogOffer; readonly plan: CatalogPlan } | undefined {
  const offer = findOffer(catalog, key);
  const plan = offer && entryOf(offer.plans, key.planId);
  return plan && { offer, plan };
}

/** An id is Microsoft's text: `constructor` is none of ours, though every object has one. */
function entryOf<T>(entries: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(entries, id) ? entries[id] : undefined;
}
