import type { MeterName } from './lives';

/** Decimal text as a whole number of millionths: what a product may write, and what Microsoft's list shows of prices and quantities. */
export function millionthsOf(text: string): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`Not a decimal with up to 6 digits behind its point: ${text}`);
  const value = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return sign ? -value : value;
}

/** A time in which a subscription was one thing at Microsoft. It lasts until the next one begins. */
export interface TrueState {
  readonly from: number;
  readonly status: 'Subscribed' | 'Suspended' | 'Unsubscribed';
  readonly planId: string;
}

/** What was used, once, however often its product has sent it. */
export interface TrueRecord {
  readonly id: string;
  readonly meter: MeterName;
  readonly quantity: string;
  readonly at: number;
}

/** What a unit beyond the included ones costs, and how many of them a term includes; null: any number. */
export interface TrueRate {
  readonly price: string;
  readonly included: string | null;
}

export interface TrueLife {
  readonly states: readonly TrueState[];
  /** The first instants of its terms. */
  readonly terms: readonly number[];
  readonly records: readonly TrueRecord[];
  rateOf(planId: string, meter: MeterName): TrueRate;
}

/** Cents by plan and meter. */
export type Cents = Readonly<Record<string, bigint>>;

/**
 * What a customer owes, from records and the true life alone, in whole numbers: of each term what goes beyond the included quantity, of all terms together the whole cents. What is less than
 * a cent in the end is owed by nobody. It holds where each number of cents is a number of units with 6 decimals, so that nothing is lost where a rest goes from hour to hour, and where
 * corrections are used up by later usage.
 */
export function owed({ states, terms, records, rateOf }: TrueLife): Cents {
  const net = new Map<string, { planId: string; meter: MeterName; units: bigint }>();
  for (const { meter, quantity, at } of new Map(records.map((record) => [record.id, record])).values()) {
    const state = states.findLast(({ from }) => from <= at);
    const term = terms.findLast((start) => start <= at);
    if (state?.status !== 'Subscribed' || term === undefined) continue;
    const key = `${state.planId} ${meter} ${term}`;
    net.set(key, { planId: state.planId, meter, units: (net.get(key)?.units ?? 0n) + millionthsOf(quantity) });
  }
  const beyond = new Map<string, { price: bigint; units: bigint }>();
  for (const { planId, meter, units } of net.values()) {
    const { price, included } = rateOf(planId, meter);
    if (included === null) continue;
    const over = units - millionthsOf(included);
    const key = `${planId} ${meter}`;
    beyond.set(key, { price: millionthsOf(price), units: (beyond.get(key)?.units ?? 0n) + (over > 0n ? over : 0n) });
  }
  return centsOf([...beyond].map(([key, { price, units }]) => [key, (price * units * 100n) / 1_000_000_000_000n]));
}

/** Without what costs nothing. */
export const centsOf = (entries: readonly (readonly [string, bigint])[]): Cents =>
  Object.fromEntries(entries.filter(([, cents]) => cents !== 0n).toSorted(([one], [other]) => (one < other ? -1 : 1)));
