import { QUANTITY_DIGITS, withoutTrailingZeros } from '@landfall/contracts';

const plain = /^(-?)(\d+)(?:\.(\d+))?$/;
/** No quantity is written longer, zeros included. */
const LONGEST = 100;

/**
 * The shortest form of a decimal number without an exponent: `12.50` is `12.5`, `-0` is `0`. Undefined where it is none, or has more digits than Microsoft keeps exactly: it reads a
 * double (contract 6.2).
 */
export function shortestDecimal(text: string): string | undefined {
  const parts = text.length > LONGEST ? null : plain.exec(text);
  if (!parts) return undefined;
  const whole = parts[2]!.replace(/^0+(?=\d)/, '');
  const behind = withoutTrailingZeros(parts[3] ?? '');
  const digits = (whole + behind).replace(/^0+/, '').length;
  if (behind.length > QUANTITY_DIGITS.behindPoint || digits > QUANTITY_DIGITS.significant) return undefined;
  if (digits === 0) return '0';
  return `${parts[1]}${whole}${behind && `.${behind}`}`;
}
