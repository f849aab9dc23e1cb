import { findOffer } from './catalog';
import type { Catalog, CatalogOffer } from './catalog.schema';

/** A change as the payload of a webhook announces it. Null is what the payload does not say (contract 4.3). */
export interface AnnouncedChange {
  /** Only `ChangePlan` and `ChangeQuantity` can be refused (rule 7). */
  readonly action: string;
  readonly publisherId: string | null;
  /** As Microsoft writes it: of a preview with the ending `-preview`. */
  readonly offerId: string | null;
  /** The plan that the subscription has. */
  readonly planId: string | null;
  /** The plan that it is to have after a `ChangePlan`. */
  readonly targetPlanId: string | null;
}

const PREVIEW = '-preview';

/**
 * Whether a rule of the catalog, or the product's veto, might refuse a change: false only where none can. It is asked before anything is read from
 * Microsoft, and decides nothing: it tells whether an answer to Microsoft has to wait for the decision. What the payload does not say might be
 * anything that the catalog names; an offer that the catalog does not name is never refused (rule 6).
 */
export function mightRefuse(catalog: Catalog, change: AnnouncedChange): boolean {
  const mayRefuse = rulesAbout(change.action);
  return mayRefuse !== null && possibleOffers(catalog, change).some((offer) => offer.veto !== undefined || mayRefuse(offer, change));
}

function rulesAbout(action: string): ((offer: CatalogOffer, change: AnnouncedChange) => boolean) | null {
  if (action === 'ChangePlan') return mayRefusePlan;
  return action === 'ChangeQuantity' ? mayRefuseQuantity : null;
}

function possibleOffers(catalog: Catalog, { publisherId, offerId }: AnnouncedChange): CatalogOffer[] {
  return possible(catalog.publishers, publisherId).flatMap(([name, { offers }]) => {
    if (offerId === null) return Object.values(offers);
    return findOffer(catalog, { publisherId: name, ...offerNamed(offerId) }) ?? [];
  });
}

function offerNamed(offerId: string) {
  const isPreview = offerId.endsWith(PREVIEW);
  return { isPreview, offerId: isPreview ? offerId.slice(0, -PREVIEW.length) : offerId };
}

/** A downgrade is seen by both plans; which plans may follow by the present one; whether its seats fit there by the target. */
function mayRefusePlan({ noDowngrade = [], plans }: CatalogOffer, { planId, targetPlanId }: AnnouncedChange): boolean {
  const isCompared = (id: string | null) => noDowngrade.length > 0 && (id === null || noDowngrade.includes(id));
  return (
    (isCompared(planId) && isCompared(targetPlanId)) ||
    possible(plans, planId).some(([, { mayMoveTo }]) => mayMoveTo !== undefined) ||
    possible(plans, targetPlanId).some(([, { seats }]) => seats !== undefined)
  );
}

const mayRefuseQuantity = ({ plans }: CatalogOffer, { planId }: AnnouncedChange): boolean =>
  possible(plans, planId).some(([, { seats }]) => seats !== undefined);

/** The entry that is named, or all where none is. An id is Microsoft's text: `constructor` is no entry, though every object has one. */
function possible<T>(entries: Readonly<Record<string, T>>, id: string | null): [string, T][] {
  return Object.entries(entries).filter(([name]) => id === null || name === id);
}
