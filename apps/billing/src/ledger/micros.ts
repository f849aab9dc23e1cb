import { withoutTrailingZeros } from '@landfall/contracts';

/** A quantity in millionths of its unit: exact, as Microsoft's six digits behind the point are (contract 6.2). */
export type Micros = bigint;

const DIGITS = 6;
const SCALE = 10n ** BigInt(DIGITS);
const decimalPattern = /^(-?)(\d+)(?:\.(\d{1,6}))?$/;
const pricePattern = /^(\d{1,12})(?:\.(\d{1,18}))?$/;

/**
 * A sum of records may have any number of digits before the point.
 * @throws RangeError where the text is no decimal number with at most six digits behind the point
 */
export function microsOf(text: string): Micros {
  const [, sign, whole, fraction = ''] = decimalPattern.exec(text) ?? [];
  if (whole === undefined)
    throw new RangeError(`${JSON.stringify(text)} is no quantity: a decimal number with at most six digits behind the point`);
  const micros = BigInt(whole) * SCALE + BigInt(fraction.padEnd(DIGITS, '0'));
  return sign ? -micros : micros;
}

/** The shortest decimal text of a quantity: `300`, `3.333334`, `-0.5`. */
export function decimalOf(micros: Micros): string {
  const digits = (micros < 0n ? -micros : micros).toString().padStart(DIGITS + 1, '0');
  const fraction = withoutTrailingZeros(digits.slice(-DIGITS));
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -DIGITS)}${fraction && `.${fraction}`}`;
}

export const most = (one: Micros, other: Micros): Micros => (one > other ? one : other);
export const least = (one: Micros, other: Micros): Micros => (one < other ? one : other);
export const sumOf = (amounts: Iterable<Micros>): Micros => {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
};

/** What one unit costs: `units / scale`, exactly. */
interface Price {
  readonly units: bigint;
  readonly scale: bigint;
}

function priceOf(text: string | null): Price | null {
  const [, whole, fraction = ''] = pricePattern.exec(text ?? '') ?? [];
  return whole === undefined ? null : { units: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length) };
}

/** In whole cents, the rest cut off, as Microsoft cuts it (contract 6.3, 5); 0 where the price is not known. `amount` is above 0. */
export function centsOf(amount: Micros, price: string | null): bigint {
  const known = priceOf(price);
  return known ? (100n * known.units * amount) / (known.scale * SCALE) : 0n;
}

/**
 * The smallest quantity that costs as many whole cents as the amount does: Microsoft cuts fractions of a cent, so the rest is kept for later (contract 6.3, 5). All of
 * it where a unit costs nothing, or nobody knows what. `amount` is above 0.
 */
export function wholeCentsOf(amount: Micros, price: string | null): Micros {
  const known = priceOf(price);
  if (!known || known.units === 0n) return amount;
  const cents = centsOf(amount, price);
  const perCent = 100n * known.units;
  return (cents * known.scale * SCALE + perCent - 1n) / perCent;
}
