import { billableOf, includedOf } from '../ledger/account.domain';
import { HOUR_MS, type Hour } from '../ledger/hours';
import type { BillingMode, Ledger } from '../ledger/ledger';
import { sumOf, type Micros } from '../ledger/micros';

/** The same by hand: what of a term's usage is billable in each dimension. */
const beyond = (net: Micros, begin: number, end?: number): Micros => {
  const [from, to] = [BigInt(begin) * 1_000_000n, end === undefined ? net : BigInt(end) * 1_000_000n];
  const upTo = net < to ? net : to;
  return upTo > from ? upTo - from : 0n;
};
export const tiers = [
  { planId: 'silver', dimension: 'email', of: (net: Micros) => beyond(net, 20, 60) },
  { planId: 'silver', dimension: 'email-next', of: (net: Micros) => beyond(net, 60) },
  { planId: 'gold', dimension: 'email', of: (net: Micros) => beyond(net, 50) },
];

/** So little is included, and so dear is a unit, that a run meets every limit soon. */
export const small: Partial<Ledger> = {
  rates: {
    silver: { prices: { email: '0.003', 'email-next': '0.02' }, included: { P1M: { email: '20' } } },
    gold: { prices: { email: '0.3' }, included: { P1M: { email: '50' } } },
  },
  meters: {
    silver: [
      {
        meter: 'emails',
        tiers: [
          { dimension: 'email', upTo: 60_000_000n },
          { dimension: 'email-next', upTo: null },
        ],
      },
    ],
    gold: [{ meter: 'emails', tiers: [{ dimension: 'email', upTo: null }] }],
  },
};

/** In shadow and live by turns of so many hours; live at the end. */
export function modesOfTurns(begin: Hour, turns: readonly number[]): readonly BillingMode[] {
  let from = begin;
  return [...turns, 0].map((hours, place) => {
    const mode: BillingMode = { from: place === 0 ? 0 : from, mode: place % 2 || place === turns.length ? 'live' : 'shadow' };
    from += hours * HOUR_MS;
    return mode;
  });
}

/** Of the turns in which billing only watched (the even ones) and reported. */
export interface InTurn {
  readonly turn: number;
  readonly quantity: Micros;
}

/** By hand: what of a term's usage is billable beyond what grew in shadow, where whatever was used first uses up what is included. */
export function oursOf(of: (net: Micros) => Micros, used: readonly InTurn[]): Micros {
  const turns: { isShadowed: boolean; quantity: Micros }[] = [];
  for (const turn of [...new Set(used.map((one) => one.turn))].sort((one, other) => one - other)) {
    const quantity = sumOf(used.filter((one) => one.turn === turn).map((one) => one.quantity));
    const isShadowed = turn % 2 === 0;
    const last = turns.at(-1);
    if (quantity !== 0n && last?.isShadowed === isShadowed) last.quantity += quantity;
    else if (quantity !== 0n) turns.push({ isShadowed, quantity });
  }
  let [net, theirs] = [0n, 0n];
  for (const { isShadowed, quantity } of turns) {
    const grown = of(net + quantity) - of(net);
    if (isShadowed && grown > 0n) theirs += grown;
    net += quantity;
  }
  return of(net) - theirs;
}

export function billablesOf({ accounts, meters, rates }: Ledger): Map<string, Micros> {
  const found = new Map<string, Micros>();
  for (const { planId, net, termUnit, meter: name } of accounts) {
    const meter = meters[planId]!.find((one) => one.meter === name)!;
    for (const { dimension } of meter.tiers) {
      const billable = billableOf({ included: includedOf(rates[planId], meter, termUnit)!, tiers: meter.tiers }, dimension, net);
      found.set(`${planId}/${dimension}`, sumOf([found.get(`${planId}/${dimension}`) ?? 0n, billable]));
    }
  }
  return found;
}
