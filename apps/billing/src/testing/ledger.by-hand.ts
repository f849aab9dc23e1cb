import { billableOf, includedOf } from '../ledger/account.domain';
import type { Ledger } from '../ledger/ledger';
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
