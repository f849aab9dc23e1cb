import type { Plan } from '../offers/offer';

/** A plan as a buyer reads it: `Silver: 1 to 100 seats at 8 USD a month`. */
export function planLabel({ displayName, billingTerms, seats, isAutoActivated }: Plan): string {
  const monthly = billingTerms.find(({ termUnit }) => termUnit === 'P1M');
  const size = seats && `${seats.min} to ${seats.max} seats`;
  const price = monthly && `${monthly.price} ${monthly.currency} a month`;
  const offered = [size, price].filter(Boolean).join(' at ');
  return `${displayName}${offered ? `: ${offered}` : ''}${isAutoActivated ? ', activated automatically' : ''}`;
}
