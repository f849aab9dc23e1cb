import type { PlanOnOffer } from '@landfall/contracts';

const CURRENCY = /^[A-Z]{3}$/;
const DECIMAL = /^\d{1,12}(\.\d{1,8})?$/;
const TERM = /^P(\d{1,2})([MY])$/;

/**
 * A plan's price for one term, for people: `$60.00 per month (5 seats at $12.00)`. For display alone, since Microsoft's invoice counts
 * (contract 3.7). Undefined where the plan has no price for that term.
 */
export function priceOf({ prices, isPricePerSeat }: PlanOnOffer, termUnit: string | null, seats: number | null): string | undefined {
  const price = prices.find((candidate) => candidate.termUnit === termUnit) ?? (prices.length === 1 ? prices[0] : undefined);
  if (!price || !DECIMAL.test(price.price)) return undefined;
  const each = Number(price.price);
  const per = perTerm(price.termUnit);
  if (!isPricePerSeat) return `${money(each, price.currency)} ${per}`;
  if (seats === null) return `${money(each, price.currency)} per seat ${per}`;
  return `${money(each * seats, price.currency)} ${per} (${seats} ${seats === 1 ? 'seat' : 'seats'} at ${money(each, price.currency)})`;
}

function money(amount: number, currency: string): string {
  if (!CURRENCY.test(currency)) return `${amount.toFixed(2)} ${currency}`;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount);
}

/** An open set (contract 1.4): a term that we don't know is shown as Microsoft wrote it. */
function perTerm(termUnit: string): string {
  const [, count, unit] = TERM.exec(termUnit) ?? [];
  if (!count || !unit) return `per ${termUnit}`;
  const word = unit === 'M' ? 'month' : 'year';
  return count === '1' ? `per ${word}` : `per ${count} ${word}s`;
}
