import { billableOf, chargedByOthers, isCounted, placedOf, type CountedAccount } from './account.domain';
import { isPlaced, type Account, type BilledHour, type Bucket, type HourState, type Ledger } from './ledger';
import { decimalOf, most, sumOf, type Micros } from './micros';

/** What of an account's usage has become what. All but `net` stand on the other side of the sum. */
export interface Sums {
  readonly planId: string;
  readonly meter: string;
  readonly term: string;
  readonly net: Micros;
  readonly included: Micros;
  /** By the state of the hours that have it, and what was written off without an hour. */
  readonly placed: Readonly<Partial<Record<HourState, Micros>>>;
  /** By dimension: due, and in no hour so far; below 0: a credit. */
  readonly open: Readonly<Record<string, Micros>>;
  /** Due, and in no hour so far. */
  readonly due: Micros;
  /** More was reported than is billable after corrections: later usage uses it up. */
  readonly credit: Micros;
}

/** A sum that does not agree: the ledger is wrong, or somebody has changed its rows. */
export interface Imbalance {
  readonly planId: string;
  readonly meter: string;
  readonly term: string | null;
  readonly what: string;
  readonly difference: string;
}

/**
 * The sums of each account, out of its hours and write-offs alone: `hours` have to be all of them. Accounts of which nobody knows by what they are billed
 * are left out: nothing of them was ever placed.
 */
export function sumsOf(ledger: Ledger): readonly Sums[] {
  return ledger.accounts.filter(isCounted).map((account) => sumsOfAccount(ledger, account));
}

function sumsOfAccount(ledger: Ledger, account: CountedAccount): Sums {
  const { planId, meter, term, net, countedBy } = account;
  const hours = placementsOf(ledger, account);
  const placed: Partial<Record<HourState, Micros>> = {};
  for (const { state, shares } of hours) {
    const share = shares.find((one) => one.term === term);
    if (share) placed[state] = (placed[state] ?? 0n) + share.quantity;
  }
  const shadowed = sumOf(countedBy.tiers.map(({ dimension }) => chargedByOthers(account, dimension)));
  if (shadowed !== 0n) placed.shadowed = shadowed;
  const open = Object.fromEntries(
    countedBy.tiers.map(({ dimension }) => [
      dimension,
      billableOf(countedBy, dimension, net) - chargedByOthers(account, dimension) - sharesIn(hours, dimension, term),
    ]),
  );
  const billable = sumOf(countedBy.tiers.map(({ dimension }) => billableOf(countedBy, dimension, net)));
  return {
    ...{ planId, meter, term, net, included: net - billable, placed, open },
    due: sumOf(Object.values(open).filter((quantity) => quantity > 0n)),
    credit: -sumOf(Object.values(open).filter((quantity) => quantity < 0n)),
  };
}

type Placement = Pick<BilledHour, 'planId' | 'meter' | 'dimension' | 'shares' | 'state'>;

const placementsOf = ({ hours, writeOffs }: Ledger, account: Pick<Account, 'planId' | 'meter'>): readonly Placement[] =>
  [...hours.filter(isPlaced), ...writeOffs.map((writeOff) => ({ ...writeOff, state: 'written-off' as const }))].filter(isOf(account));

const isOf =
  ({ planId, meter }: Pick<Account, 'planId' | 'meter'>) =>
  (placement: Pick<BilledHour, 'planId' | 'meter'>): boolean =>
    placement.planId === planId && placement.meter === meter;

const sharesIn = (hours: readonly Placement[], dimension: string, term: string): Micros =>
  sumOf(
    hours
      .flatMap((hour) => (hour.dimension === dimension ? hour.shares.filter((share) => share.term === term) : []))
      .map((share) => share.quantity),
  );

/**
 * Where what the accounts say differs from what their rows say: the ledger is wrong then. `buckets` and `hours` have to be all of them. That the sums of a term agree needs no check: what is
 * due is what is left between the others.
 */
export function imbalancesOf(ledger: Ledger): readonly Imbalance[] {
  const found: Imbalance[] = [];
  const expect = (account: Account, what: string, kept: Micros, told: Micros) => {
    const { planId, meter, term } = account;
    if (kept !== told) found.push({ planId, meter, term, what, difference: decimalOf(kept - told) });
  };
  for (const account of ledger.accounts) {
    const recorded = recordedOf(ledger.buckets, account);
    const placements = placementsOf(ledger, account);
    const shadowed = ledger.hours.filter(({ state }) => state === 'shadowed').filter(isOf(account));
    expect(account, 'recorded', account.net, account.opening + recorded.all);
    expect(account, 'by mode', account.net, account.opening + sumOf(account.phases.map(({ quantity }) => quantity)));
    expect(account, 'shadowed', account.shadowed, account.opening + recorded.shadowed);
    for (const dimension of dimensionsOf(ledger, account)) {
      expect(account, `placed ${dimension}`, placedOf(account, dimension), sharesIn(placements, dimension, account.term));
      const inShadow = account.placedInShadow[dimension] ?? 0n;
      expect(account, `placed in shadow ${dimension}`, inShadow, sharesIn(shadowed, dimension, account.term));
    }
  }
  return found;
}

function recordedOf(buckets: readonly Bucket[], { planId, meter, term }: Account): { readonly all: Micros; readonly shadowed: Micros } {
  const parts = buckets
    .filter((bucket) => bucket.meter === meter)
    .flatMap(({ rated }) => rated)
    .flatMap((part) => (part.kind === 'counted' && part.planId === planId && part.term === term ? [part] : []));
  const sum = (some: typeof parts) => sumOf(some.map(({ quantity }) => quantity));
  return { all: sum(parts), shadowed: sum(parts.filter(({ isShadowed }) => isShadowed)) };
}

const dimensionsOf = (ledger: Ledger, account: Account): readonly string[] => [
  ...new Set([
    ...Object.keys(account.placed),
    ...(account.countedBy?.tiers ?? []).map(({ dimension }) => dimension),
    ...(ledger.meters[account.planId] ?? []).flatMap(({ tiers }) => tiers.map(({ dimension }) => dimension)),
  ]),
];

/** What is left of what the plan includes. */
export const remainingOf = (included: Micros, net: Micros): Micros => most(0n, included - net);
