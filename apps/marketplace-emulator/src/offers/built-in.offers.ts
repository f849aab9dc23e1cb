import { monthsOf, type Offer, type Payment, type TermUnit } from './offer';
import type { OfferInput, PlanInput } from './offer.input';
import { offersSchema } from './offer.schema';

const fabrikamTenantId = 'f4b21a00-7c3e-4d59-8e11-0c5a9f000001';

/**
 * The publisher's offers where it brings none of its own: one priced per seat, one at a flat rate with metered dimensions (an offer is one
 * or the other, contract 1.4). Between them they have a plan of every kind.
 */
const perSeat: OfferInput = {
  offerId: 'contoso-team',
  displayName: 'Contoso Team',
  description: 'Plan work together. Priced per seat.',
  plans: [
    { ...named('silver', 'Silver', 'For a first team.'), seats: { min: 1, max: 100 }, billingTerms: terms(8) },
    { ...named('gold', 'Gold', 'For several teams.'), seats: { min: 1, max: 1_000 }, billingTerms: terms(14) },
    { ...named('platinum', 'Platinum', 'For a whole company.'), seats: { min: 10, max: 100_000 }, billingTerms: terms(22) },
    {
      ...named('instant', 'Instant', 'Active from the moment of the purchase.'),
      seats: { min: 1, max: 100 },
      billingTerms: terms(9),
      isAutoActivated: true,
    },
    { ...named('bronze', 'Bronze', 'No longer sold.'), seats: { min: 1, max: 50 }, billingTerms: terms(5), isStopSell: true },
    { ...named('starter', 'Starter', 'The first month is free.'), seats: { min: 1, max: 25 }, billingTerms: terms(6), hasFreeTrials: true },
    {
      ...named('enterprise', 'Enterprise', 'As many seats and years as you like.'),
      billingTerms: [
        { ...term('P1Y', 300), payment: 'monthly' },
        { ...term('P2Y', 580), payment: 'annual' },
        ...(['P3Y', 'P4Y', 'P5Y'] as const).map((termUnit, index) => ({
          ...term(termUnit, 840 + index * 250),
          payment: 'annual' as Payment,
        })),
      ],
    },
    {
      ...named('fabrikam', 'Fabrikam', 'For one customer alone.'),
      seats: { min: 5, max: 500 },
      billingTerms: terms(7),
      audience: [fabrikamTenantId],
    },
  ],
};

const metered: OfferInput = {
  offerId: 'contoso-reach',
  displayName: 'Contoso Reach',
  description: 'Messages to your customers. A flat rate, and what goes beyond it by the piece.',
  meteringDimensions: [
    { id: 'emails', pricePerUnit: 0.01, unitOfMeasure: 'e-mail', displayName: 'E-mails' },
    { id: 'texts', pricePerUnit: 0.08, unitOfMeasure: 'text', displayName: 'Text messages' },
  ],
  plans: [
    { ...named('base', 'Base', 'For an occasional letter.'), billingTerms: including(terms(100), 1_000, 10) },
    { ...named('plus', 'Plus', 'For campaigns.'), billingTerms: including(terms(400), 10_000, 100) },
    {
      ...named('instant', 'Instant', 'Active from the moment of the purchase.'),
      billingTerms: including(terms(120), 1_000, 10),
      isAutoActivated: true,
    },
  ],
};

export const builtInOffers: readonly Offer[] = offersSchema.parse([perSeat, metered]);

type TermInput = NonNullable<PlanInput['billingTerms']>[number];

function named(planId: string, displayName: string, description: string): PlanInput {
  return { planId, displayName, description };
}

function terms(monthlyPrice: number): TermInput[] {
  return [term('P1M', monthlyPrice), term('P1Y', monthlyPrice * 10), term('P2Y', monthlyPrice * 18), term('P3Y', monthlyPrice * 25)];
}

function term(termUnit: TermUnit, price: number): TermInput {
  return { termUnit, price };
}

/** An included quantity is for a whole term: that of a year is not that of a month (contract 6.3). */
function including(billingTerms: TermInput[], emailsPerMonth: number, textsPerMonth: number): TermInput[] {
  return billingTerms.map((billingTerm) => {
    const months = monthsOf[billingTerm.termUnit];
    const meteredQuantityIncluded = [
      { dimensionId: 'emails', units: String(emailsPerMonth * months) },
      { dimensionId: 'texts', units: String(textsPerMonth * months) },
    ];
    return { ...billingTerm, meteredQuantityIncluded };
  });
}
