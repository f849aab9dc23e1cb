import Big from 'big.js';

/** The exponents that a double can have; what lies outside never came from one. */
const number = /^-?\d+(\.\d+)?(e[+-]\d{1,3})?$/;
const cents = 2;

/** Divides to whole cents, rounded half up. */
const CentsBig = Big();
CentsBig.DP = cents;
CentsBig.RM = Big.roundHalfUp;

export type Decimal = Big;

/**
 * An exact decimal number. Quantities are doubles and prices have decimals, and money that is added up as doubles drifts: 0.1 three times
 * is not 0.3. A double stands here for the shortest decimal that means it, which is what its sender wrote; sums and products of those are
 * exact, in any order.
 *
 * @throws when it is neither a finite number nor the text of one, as `textOf` writes it.
 */
export function decimalOf(value: number | string): Decimal {
  if (!number.test(String(value))) throw new Error(`Not a decimal number: ${value}`);
  return new Big(value);
}

export function sumOf(decimals: readonly Decimal[]): Decimal {
  return decimals.reduce((sum, decimal) => sum.plus(decimal), decimalOf(0));
}

/** What is left when the decimals after the cents are cut off. */
export function cutToCents(decimal: Decimal): Decimal {
  return decimal.round(cents, Big.roundDown);
}

/** The part of an amount that `part` of `whole` is, rounded half up to cents. The amount must not be negative, `whole` not zero. */
export function shareOf(amount: Decimal, part: number, whole: number): Decimal {
  return new CentsBig(amount).times(part).div(whole);
}

/** The nearest double; the largest there is for what lies above it, since JSON has no infinity. */
export function numberOf(decimal: Decimal): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(textOf(decimal))));
}

/** All digits, without an exponent and without zeros at the end of the fraction. */
export function textOf(decimal: Decimal): string {
  return decimal.toFixed();
}
