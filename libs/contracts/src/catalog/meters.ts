import { findOffer, findPlan, type OfferKey, type PlanKey } from './catalog';
import type { Catalog } from './catalog.schema';

/** A part of a meter that Microsoft bills by one dimension. */
export interface MeterTier {
  readonly dimension: string;
  /** Where it ends, in decimal digits, counted over all use of the term; null: nowhere. Only the last tier has no end. */
  readonly upTo: string | null;
}

type Named<K extends OfferKey> = Omit<K, 'isPreview'> & Partial<Pick<K, 'isPreview'>>;

/**
 * The meters of a plan by their names, each with its tiers from the first unit of a term on; one tier where the meter has one dimension. None
 * where the catalog does not name the plan.
 */
export function metersOf(catalog: Catalog, plan: Named<PlanKey>): ReadonlyMap<string, readonly MeterTier[]> {
  const meters = findPlan(catalog, { isPreview: false, ...plan })?.plan.meters ?? {};
  return new Map(
    Object.entries(meters).map(([name, { dimension, tiers }]) => [
      name,
      (tiers ?? [{ dimension: dimension as string }]).map(({ upTo, ...tier }: { dimension: string; upTo?: number | undefined }) => ({
        ...tier,
        upTo: upTo === undefined ? null : String(upTo),
      })),
    ]),
  );
}

/** Whether any plan of the offer has a meter of that name: usage of it can be waited for. */
export function offerHasMeter(catalog: Catalog, offer: Named<OfferKey>, meter: string): boolean {
  const plans = Object.values(findOffer(catalog, { isPreview: false, ...offer })?.plans ?? {});
  return plans.some(({ meters = {} }) => Object.hasOwn(meters, meter));
}
