export { emptyCatalog, findOffer, findPlan, type OfferKey, type PlanKey } from './catalog';
export { catalogJsonSchema, catalogLimits, catalogSchema, type Catalog, type CatalogOffer, type CatalogPlan } from './catalog.schema';
export type { JudgedSubscription, Judgement, OfferedPlans } from './judgement';
export { mightRefuse, type AnnouncedChange } from './might-refuse.domain';
export { metersOf, offerHasMeter, type MeterTier } from './meters';
export { judgePlanMove } from './plan-move.domain';
export { judgeSeats } from './seats.domain';
