import { z } from 'zod';
import { centsOf, type Cents } from './oracle';

const line = z.looseObject({ planId: z.string(), dimension: z.string(), amount: z.number(), events: z.int() });
const term = z.looseObject({ from: z.string(), usage: z.array(z.looseObject({ lines: z.array(line) })) });
const invoice = z.looseObject({ terms: z.array(term) });

/** What an invoice of the emulator charges for usage, in cents by plan and dimension, with the first instants of its terms. */
export function invoicedOf(answer: unknown): { cents: Cents; events: number; terms: number[] } {
  const { terms } = invoice.parse(answer);
  const lines = terms.flatMap(({ usage }) => usage.flatMap((month) => month.lines));
  const sums = new Map<string, bigint>();
  for (const { planId, dimension, amount } of lines) {
    const key = `${planId} ${dimension}`;
    sums.set(key, (sums.get(key) ?? 0n) + BigInt(Math.round(amount * 100)));
  }
  return {
    cents: centsOf([...sums]),
    events: lines.reduce((sum, { events }) => sum + events, 0),
    terms: terms.map(({ from }) => Date.parse(from)),
  };
}
