import type { Ledger } from '../ledger/ledger';
import { microsOf, sumOf, type Micros } from '../ledger/micros';
import { imbalancesOf, sumsOf } from '../ledger/sums.domain';
import type { Audited, Difference, MeterTotal, PlacedTotal, RatedTotal, Totals, UsageSum } from './audit';

/**
 * Everything that was recorded has to be somewhere: included, reported, on its way, with an operator, carried forward, not reportable, or written off. `ledger` has the accounts, and the
 * totals in place of its buckets and hours: `ledgerOfTotals`.
 */
export function audit(subscriptionId: string, ledger: Ledger, totals: Totals): Audited {
  const all = keysOf(ledger, totals).map(({ planId, meter }) => sumOfKey(subscriptionId, planId, meter, ledger, totals));
  const sums = all.filter(({ planId, recorded }) => planId !== null || recorded !== 0n); // without a plan only as long as anything is
  return { subscriptionId, sums, differences: [...differencesOf(subscriptionId, ledger, totals), ...sums.flatMap(unbalanced)] };
}

/** Totals stand for buckets and hours, since only their sums are compared. */
export const ledgerOfTotals = (ledger: Omit<Ledger, 'buckets' | 'hours' | 'writeOffs'>, { rated, placed }: Totals): Ledger => ({
  ...ledger,
  writeOffs: [],
  buckets: rated.flatMap(({ meter, kind, planId, term, isShadowed, quantity }) =>
    kind === 'counted'
      ? [
          {
            meter,
            hour: 0,
            quantity,
            rated: [{ kind, planId: planId!, term: term!, billedIn: 0, ...(isShadowed && { isShadowed }), quantity }],
          },
        ]
      : [],
  ),
  hours: placed.map(({ term, quantity, ...total }) => ({
    ...{ ...total, quantity, shares: [{ term, quantity }], hour: 0, effectiveStart: 0, deadline: 0, notBefore: null },
  })),
});

type Key = Pick<UsageSum, 'planId' | 'meter'>;

function keysOf({ accounts }: Ledger, { meters, rated, placed }: Totals): readonly Key[] {
  const waiting = meters.filter(({ uncounted }) => uncounted !== 0n).map(({ meter }) => ({ planId: null, meter }));
  const keys = [...accounts, ...rated, ...placed, ...waiting].map(({ planId, meter }) => [planId ?? '', meter] as const);
  const sorted = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()].sort((one, other) => (one < other ? -1 : 1));
  return sorted.map(([planId, meter]) => ({ planId: planId || null, meter }));
}

function sumOfKey(subscriptionId: string, planId: string | null, meter: string, ledger: Ledger, totals: Totals): UsageSum {
  const isOfKey = (one: { planId: string | null; meter: string }) => one.planId === planId && one.meter === meter;
  const rated = totals.rated.filter(isOfKey);
  const placed = totals.placed.filter(isOfKey).filter(({ state }) => state !== 'shadowed'); // the accounts know what somebody else charges
  const terms = sumsOf(ledger).filter(isOfKey);
  const inState = (state: PlacedTotal['state']) => quantityOf(placed.filter((one) => one.state === state));
  const unknown = ledger.accounts.filter((account) => isOfKey(account) && !terms.some(({ term }) => term === account.term));
  const uncounted = planId === null ? sumOf(totals.meters.filter((one) => one.meter === meter).map((one) => one.uncounted)) : 0n;
  return {
    ...{ subscriptionId, planId, meter, recorded: quantityOf(rated) + uncounted, uncounted },
    opening: sumOf(ledger.accounts.filter(isOfKey).map(({ opening }) => opening)),
    included: sumOf(terms.map(({ included }) => included)),
    ...{ accepted: inState('accepted'), waiting: inState('waiting'), uncertain: inState('uncertain') },
    ...{ withOperator: inState('held'), shadowed: sumOf(terms.map((term) => term.placed.shadowed ?? 0n)) },
    carryForward: sumOf(terms.map(({ due }) => due)),
    unrated:
      quantityOf(rated.filter(({ kind }) => kind === 'unrated')) +
      sumOf(unknown.map(({ net, term }) => net - quantityOf(placed.filter((one) => one.term === term)))),
    notReportable: byReason(rated.filter(({ kind }) => kind === 'not-reportable')),
    writtenOff: byReason(placed.filter(({ state }) => state === 'written-off')),
    credit: sumOf(terms.map(({ credit }) => credit)),
  };
}

/** The full sum, out of every place in which usage can be. */
export const accountedFor = (sum: UsageSum): Micros =>
  sum.included +
  sum.accepted +
  sum.waiting +
  sum.uncertain +
  sum.withOperator +
  sum.carryForward +
  sum.shadowed +
  sum.unrated +
  sum.uncounted +
  sumOf(Object.values(sum.notReportable)) +
  sumOf(Object.values(sum.writtenOff)) -
  sum.credit;

function unbalanced(sum: UsageSum): Difference[] {
  const difference = sum.recorded + sum.opening - accountedFor(sum);
  const { subscriptionId, planId, meter } = sum;
  return difference === 0n ? [] : [{ subscriptionId, planId, meter, term: null, what: 'recorded, and accounted for', difference }];
}

function differencesOf(subscriptionId: string, ledger: Ledger, totals: Totals): Difference[] {
  const ofAccounts = imbalancesOf({ ...ledger, accounts: [...ledger.accounts, ...missingAccounts(ledger, totals)] });
  return [
    ...totals.meters.flatMap((total) => differencesOfHours(subscriptionId, total)),
    ...ofAccounts.map(({ planId, meter, term, what, difference }) => ({
      ...{ subscriptionId, planId, meter, term, what: `in the account, and ${what}`, difference: microsOf(difference) },
    })),
  ];
}

function differencesOfHours(subscriptionId: string, total: MeterTotal): Difference[] {
  const { meter, misrated, misratedHours, unproved, unprovedHours } = total;
  const found = (what: string, hours: number, difference: Micros): Difference[] =>
    hours === 0 ? [] : [{ subscriptionId, planId: null, meter, term: null, what: `${what}, in ${hours} hours`, difference }];
  return [
    ...found('in the sums of hours, and rated', misratedHours, misrated),
    ...found('in the sums of hours, and in their records', unprovedHours, unproved),
  ];
}

/** Usage that is counted or placed in a term of which there is no account: one of 0, so that it differs. */
function missingAccounts({ accounts }: Ledger, { rated, placed }: Totals): Ledger['accounts'] {
  const keyOf = (one: { planId: string | null; meter: string; term: string | null }) => JSON.stringify([one.planId, one.meter, one.term]);
  const known = new Set(accounts.map(keyOf));
  const needed = [...rated.filter(({ kind }) => kind === 'counted'), ...placed].filter((one) => !known.has(keyOf(one)));
  return [...new Map(needed.map((one) => [keyOf(one), one])).values()].map(({ planId, meter, term }) => ({
    ...{
      planId: planId!,
      meter,
      term: term!,
      termUnit: '',
      endDate: term!,
      net: 0n,
      countedBy: null,
      opening: 0n,
      shadowed: 0n,
      phases: [],
      placed: {},
      placedInShadow: {},
    },
  }));
}

const quantityOf = (totals: readonly { quantity: Micros }[]): Micros => sumOf(totals.map(({ quantity }) => quantity));

function byReason(totals: readonly (RatedTotal | PlacedTotal)[]): Record<string, Micros> {
  const sums: Record<string, Micros> = {};
  for (const { reason, quantity } of totals) sums[reason ?? 'unknown'] = (sums[reason ?? 'unknown'] ?? 0n) + quantity;
  return sums;
}
