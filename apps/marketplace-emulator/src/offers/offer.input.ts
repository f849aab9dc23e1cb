import { z } from 'zod';
import { isGuid } from '../guid';
import { limits } from '../limits';
import { webAddress } from '../settings/field.kinds';
import { mostSeats, termUnits } from './offer';

/** Contract 1.4 has this rule for plan ids; offer ids follow the same. */
const id = z.string().regex(/^[a-z0-9_-]{1,50}$/, 'must be 1 to 50 characters out of a-z, 0-9, - and _ (contract 1.4)');
const name = z.string().min(1).max(200, 'must have at most 200 characters (contract 1.4)');
const description = z.string().max(3_000, 'must have at most 3,000 characters (contract 1.4)');
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be a currency of three letters, like USD');
export const price = z.number().min(0).max(1_000_000_000);
const tenantId = z.string().refine(isGuid, 'must be a tenant id, a GUID');
const seatCount = z.int().min(1).max(mostSeats, `must be at most ${mostSeats}, the most seats that Microsoft sells`);

const dimension = z.strictObject({
  id: z.string().min(1).max(200),
  displayName: name.optional(),
  unitOfMeasure: name.optional(),
  pricePerUnit: price.optional(),
  currency: currency.optional(),
});

/** What a plan includes of a dimension in a whole term. */
export const includedQuantity = z.strictObject({
  dimensionId: z.string(),
  units: z.string().regex(/^(\d{1,15}|unlimited)$/, 'must be a text of digits, like "10" (contract 3.7), or unlimited'),
});

const billingTerm = z.strictObject({
  termUnit: z.enum(termUnits),
  price: price.optional(),
  currency: currency.optional(),
  payment: z.enum(['upfront', 'monthly', 'annual']).optional(),
  termDescription: name.optional(),
  meteredQuantityIncluded: z.array(includedQuantity).max(limits.dimensionsPerOffer).optional(),
});

/** A plan of `offerInput`. */
export const planInput = z.strictObject({
  planId: id,
  displayName: name.optional(),
  description: description.optional(),
  isPrivate: z.boolean().optional(),
  audience: z.array(tenantId).max(limits.audiencePerPlan).optional(),
  hasFreeTrials: z.boolean().optional(),
  isStopSell: z.boolean().optional(),
  isAutoActivated: z.boolean().optional(),
  market: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be a country of two letters, like US')
    .optional(),
  seats: z.strictObject({ min: seatCount.optional(), max: seatCount.nullable().optional() }).optional(),
  billingTerms: z.array(billingTerm).min(1).max(termUnits.length).optional(),
  meteringDimensions: z.array(dimension).max(limits.dimensionsPerOffer).optional(),
});

/** An offer as a developer writes it: the ids of its plans are enough, everything else has a default. */
export const offerInput = z.strictObject({
  offerId: id,
  publisherId: id.optional(),
  applicationId: z.string().refine(isGuid, 'must be the client id of an application, a GUID').optional(),
  displayName: name.optional(),
  description: description.optional(),
  pricing: z.enum(['per-seat', 'flat-rate']).optional(),
  defaultPlanId: z.string().optional(),
  technicalConfiguration: z.strictObject({ landingUrl: webAddress.optional(), webhookUrl: webAddress.optional() }).optional(),
  /** Those of every plan that names none of its own. */
  meteringDimensions: z.array(dimension).max(limits.dimensionsPerOffer).optional(),
  plans: z
    .array(planInput)
    .min(1, 'an offer has at least one plan')
    .max(limits.plansPerOffer, `an offer has at most ${limits.plansPerOffer} plans (contract 1.4)`),
});

export type OfferInput = z.infer<typeof offerInput>;
export type PlanInput = z.infer<typeof planInput>;
