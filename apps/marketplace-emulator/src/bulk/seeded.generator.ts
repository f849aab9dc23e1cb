import { createHash } from 'node:crypto';
import { draw } from '../faults/fault.draw';

/** How many numbers one item may draw; those of the next item begin after them. */
const drawsPerItem = 64;

/**
 * The pseudo-random numbers of one of many items: the same seed and item number give the same ones, whatever is drawn for the others. Not
 * for secrets.
 */
export class SeededGenerator {
  private place: number;

  constructor(
    private readonly seed: number,
    number: number,
  ) {
    this.place = number * drawsPerItem;
  }

  /** From 0 up to 1. */
  next(): number {
    return draw(this.seed, this.place++);
  }

  isBelow(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }

  /** One of the keys, each as often as its weight. At least one weight is above 0. */
  pickByWeight<K extends string>(weights: readonly (readonly [K, number])[]): K {
    let rest = this.next() * weights.reduce((sum, [, weight]) => sum + weight, 0);
    const chosen = weights.find(([, weight]) => (rest -= weight) < 0);
    return (chosen ?? (weights.at(-1) as (typeof weights)[number]))[0];
  }

  /** A whole number, small ones as often as ten times larger ones: that is how seats are sold. */
  wholeNumber(min: number, max: number): number {
    return Math.min(max, Math.floor(min * ((max + 1) / min) ** this.next()));
  }

  /** An instant, in whole milliseconds. */
  between(fromMs: number, toMs: number): number {
    return Math.round(fromMs + this.next() * Math.max(toMs - fromMs, 0));
  }
}

/** A unique id, and the same one for the same seed, kind and number. */
export function guidOf(seed: number, kind: string, number: number): string {
  const hex = createHash('sha256').update(`${seed}:${kind}:${number}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
