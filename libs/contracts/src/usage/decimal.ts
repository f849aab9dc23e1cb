import { z } from 'zod';

/** Digits behind the point that a quantity may have, and significant digits in all: Microsoft reads a double, which holds 15 (contract 6.2). */
export const QUANTITY_DIGITS = { behindPoint: 6, significant: 15 } as const;

/** A decimal number as text, with at most six digits behind the point: quantities of usage are exact, and never a double. */
export const decimal = z
  .string()
  .max(26)
  .regex(/^-?\d{1,18}(\.\d{1,6})?$/, 'must be a decimal number like 12.5, with at most six digits behind the point');

/** A sum of such numbers. It has room for more of them than can ever be recorded, so that no sum of legal records breaks a message. */
export const decimalSum = z
  .string()
  .max(48)
  .regex(/^-?\d{1,40}(\.\d{1,6})?$/, 'must be a decimal number like 12.5, with at most six digits behind the point');

/** Of the digits behind a point. Linear in their number, which a stranger may have chosen. */
export function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
