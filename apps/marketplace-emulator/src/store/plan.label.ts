import { seatsText, termUnits, type Offer, type Plan, type TermUnit } from '../offers/offer';

/** A plan as a buyer reads it: `Silver: 1 to 100 seats at 8 USD a month`. */
export function planLabel({ displayName, billingTerms, seats, isAutoActivated, hasFreeTrials, isPrivate }: Plan): string {
  const monthly = billingTerms.find(({ termUnit }) => termUnit === 'P1M');
  const size = seats && (seats.max === null ? `${seats.min} seats or more` : `${seatsText(seats)} seats`);
  const price = monthly && `${monthly.price} ${monthly.currency} a month`;
  const offered = [size, price].filter(Boolean).join(' at ');
  const traits = [
    isAutoActivated && 'activated automatically',
    hasFreeTrials && 'with a free trial',
    isPrivate && 'for its audience alone',
  ];
  return [`${displayName}${offered ? `: ${offered}` : ''}`, ...traits.filter(Boolean)].join(', ');
}

const termLabels: Record<TermUnit, string> = {
  P1M: '1 month',
  P1Y: '1 year',
  P2Y: '2 years',
  P3Y: '3 years',
  P4Y: '4 years',
  P5Y: '5 years',
};

/** The terms for which any plan of the offer is sold. */
export function termsOf({ plans }: Offer): { termUnit: TermUnit; label: string }[] {
  const sold = plans.filter(({ isStopSell }) => !isStopSell).flatMap(({ billingTerms }) => billingTerms.map(({ termUnit }) => termUnit));
  return termUnits.filter((termUnit) => sold.includes(termUnit)).map((termUnit) => ({ termUnit, label: termLabels[termUnit] }));
}
