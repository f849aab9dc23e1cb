import { z } from 'zod';
import type { BillingTerm, MeteringDimension, Plan } from './answer.types';
import { amount, flag, list, part, seats, shownText, text, textOrNull } from './lenient';

const billingTerm = z
  .object({
    termUnit: text,
    termDescription: shownText,
    currency: text,
    price: amount,
    meteredQuantityIncluded: list(z.object({ dimensionId: text, units: text })),
  })
  .transform(({ meteredQuantityIncluded, ...same }): BillingTerm => ({ ...same, included: meteredQuantityIncluded }));

const meteringDimension: z.ZodType<MeteringDimension> = z.object({
  id: text,
  displayName: shownText,
  unitOfMeasure: shownText,
  currency: text,
  pricePerUnit: amount,
});

const plan = z
  .object({
    planId: text,
    displayName: shownText,
    description: shownText,
    isPrivate: flag(false),
    hasFreeTrials: flag(false),
    isPricePerSeat: flag(false),
    isStopSell: flag(false),
    minQuantity: seats,
    maxQuantity: seats,
    market: textOrNull,
    planComponents: part({ recurrentBillingTerms: list(billingTerm), meteringDimensions: list(meteringDimension) }),
    sourceOffers: list(z.object({ externalId: text })),
  })
  .transform(({ planComponents, sourceOffers, ...same }): Plan => ({
    ...same,
    billingTerms: planComponents.recurrentBillingTerms,
    meteringDimensions: planComponents.meteringDimensions,
    privateOfferIds: sourceOffers.map((offer) => offer.externalId).filter((id) => id !== ''),
  }));

/** An unknown plan gives an empty list, older services an empty body (contract 3.7), other emulators of the API a bare list. */
export const planList = z
  .unknown()
  .transform((raw) => (Array.isArray(raw) ? { plans: raw as unknown[] } : raw))
  .pipe(part({ plans: list(plan) }))
  .transform((raw) => raw.plans);
