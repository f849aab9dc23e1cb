/**
 * An exact decimal number. Quantities are doubles and prices have decimals, and money that is added up as doubles drifts: 0.1 three times is not 0.3. A double
 * stands here for the shortest decimal that means it, which is what its sender wrote; sums and products of those are exact, in any order.
 */
export class Decimal {
  static readonly zero = new Decimal(0n, 0);

  /** The value is `units` × 10^-`scale`. */
  private constructor(
    private readonly units: bigint,
    private readonly scale: number,
  ) {}

  /** @throws when it is neither a finite number nor the text of one, as `toString` writes it. */
  static of(value: number | string): Decimal {
    const parts = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
    if (!parts) throw new Error(`Not a decimal number: ${value}`);
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
    const units = BigInt(`${sign}${whole}${fraction}`);
    const scale = fraction.length - Number(exponent);
    return scale >= 0 ? new Decimal(units, scale) : new Decimal(units * power(-scale), 0);
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale);
  }

  /** What is left when the decimals after the given ones are cut off. */
  truncated(decimals: number): Decimal {
    return this.scale <= decimals ? this : new Decimal(this.units / power(this.scale - decimals), decimals);
  }

  /** The part of it that `part` of `whole` is, rounded half up to cents. The value must not be negative, `whole` not zero. */
  share(part: number, whole: number): Decimal {
    const [dividend, divisor] = [this.units * BigInt(part) * 100n, power(this.scale) * BigInt(whole)];
    return new Decimal((2n * dividend + divisor) / (2n * divisor), 2);
  }

  negated(): Decimal {
    return new Decimal(-this.units, this.scale);
  }

  /** The nearest double; the largest there is for what lies above it, since JSON has no infinity. */
  toNumber(): number {
    return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(this.toString())));
  }

  /** All digits, without an exponent and without zeros at the end of the fraction. */
  toString(): string {
    const sign = this.units < 0n ? '-' : '';
    const digits = String(this.units < 0n ? -this.units : this.units).padStart(this.scale + 1, '0');
    const fraction = digits.slice(digits.length - this.scale).replace(/0+$/, '');
    const whole = digits.slice(0, digits.length - this.scale);
    return this.scale > 0 && fraction ? `${sign}${whole}.${fraction}` : `${sign}${whole}`;
  }

  private unitsAt(scale: number): bigint {
    return this.units * power(scale - this.scale);
  }
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
