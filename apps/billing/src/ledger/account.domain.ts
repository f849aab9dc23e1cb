import type { Instant } from './hours';
import {
  isPlaced,
  type Account,
  type BilledHour,
  type Bucket,
  type CountedBy,
  type Ledger,
  type Meter,
  type Phase,
  type PlanRates,
  type Rated,
} from './ledger';
import { least, microsOf, most, type Micros } from './micros';
import { endOfTerm } from './term';
import { termIn, type Timeline } from './timeline';

/**
 * What the plan includes of a meter in a term of this length: Microsoft names it of the first dimension. 0 where a list that was read does not name it; null where nobody has read it
 * yet, or what it says is no number: then usage waits.
 */
export function includedOf(rates: PlanRates | undefined, { tiers }: Meter, termUnit: string): Micros | null {
  const included = rates?.included[termUnit];
  const dimension = tiers[0]?.dimension;
  if (!included || dimension === undefined) return null;
  const units = included[dimension];
  if (units === undefined) return 0n;
  try {
    return microsOf(units.trim());
  } catch {
    return null; // Microsoft's text for "unlimited" is not known (contract 6.3, 4)
  }
}

/**
 * By what the account is billed from now on. A list that Microsoft showed after its term says nothing of it, and neither does one that names its dimension no more; and the catalog's tiers hold
 * until anything of it is placed: what was charged under one dimension is never due again under another one.
 */
export function countedBy(account: Account, { meters, rates }: Pick<Ledger, 'meters' | 'rates'>): CountedBy | null {
  const { planId, meter: name, termUnit, countedBy: before } = account;
  const mapped = meters[planId]?.find(({ meter }) => meter === name);
  const tiers = before && (isAnythingPlaced(account) || !mapped) ? before.tiers : mapped?.tiers;
  if (!tiers) return before;
  const list = rates[planId];
  const included = includedOf(list, { meter: name, tiers }, termUnit);
  const isTooLate = before !== null && (list?.shownAt ?? -Infinity) >= resetOf(account);
  const isLeftOut = before !== null && list?.included[termUnit]?.[tiers[0]?.dimension ?? ''] === undefined;
  if (before && (included === null || isTooLate || isLeftOut)) return { ...before, tiers };
  return included === null ? null : { included, tiers };
}

const isAnythingPlaced = ({ placed: live, placedInShadow }: Account): boolean =>
  [live, placedInShadow].some((byDimension) => Object.values(byDimension).some((quantity) => quantity !== 0n));

/** The first instant after the account's term. */
const resetOf = ({ term, termUnit, endDate }: Account): Instant => endOfTerm({ startDate: term, termUnit, endDate });

/** What is billable of a dimension once so much was used in the term: beyond what is included, cut into tiers. Never below 0. */
export function billableOf({ included, tiers }: CountedBy, dimension: string, net: Micros): Micros {
  const place = tiers.findIndex((tier) => tier.dimension === dimension);
  if (place < 0) return 0n;
  const begin = most(included, tiers[place - 1]?.upTo ?? 0n);
  const end = tiers[place]!.upTo === null ? net : least(net, tiers[place]!.upTo!);
  return most(0n, end - begin);
}

export const placedOf = ({ placed }: Account, dimension: string): Micros => placed[dimension] ?? 0n;

const keyOf = ({ planId, meter, term }: Pick<Account, 'planId' | 'meter' | 'term'>): string => JSON.stringify([planId, meter, term]);

/** The accounts after a bucket is rated as `rated`, instead of as it was. Those that nothing was counted in before begin. */
export function recount(accounts: readonly Account[], bucket: Bucket, rated: readonly Rated[], timeline: Timeline): readonly Account[] {
  const changed = new Map(accounts.map((account) => [keyOf(account), account]));
  const add = (parts: readonly Rated[], sign: bigint) => {
    for (const part of parts) {
      if (part.kind !== 'counted') continue;
      const { planId, term, quantity } = part;
      const account = changed.get(keyOf({ planId, meter: bucket.meter, term })) ?? newAccount(planId, bucket.meter, term, timeline);
      changed.set(keyOf(account), withUse(account, part, sign * quantity));
    }
  };
  add(bucket.rated, -1n);
  add(rated, 1n);
  return [...changed.values()].map((account) => withTerm(account, timeline));
}

/** The account after so much more was used, in the mode of the part. */
export function withUse<One extends Account>(
  account: One,
  { isShadowed = false, since = 0 }: { readonly isShadowed?: boolean; readonly since?: number },
  quantity: Micros,
): One {
  const isIt = (phase: Phase) => phase.from === since && phase.isShadowed === isShadowed;
  const before = account.phases.find(isIt)?.quantity ?? 0n;
  const phases = [...account.phases.filter((phase) => !isIt(phase)), { from: since, isShadowed, quantity: before + quantity }];
  return {
    ...account,
    net: account.net + quantity,
    shadowed: isShadowed ? account.shadowed + quantity : account.shadowed,
    phases: phases.filter((phase) => phase.quantity !== 0n).sort((one, other) => one.from - other.from),
  };
}

/** A term that was reckoned, or read too early, may turn out to be longer or shorter than it seemed: what the plan includes of it is another quantity then. */
function withTerm(account: Account, { terms }: Timeline): Account {
  const shown = terms.find(({ startDate }) => startDate === account.term);
  return shown ? { ...account, termUnit: shown.termUnit, endDate: shown.endDate } : account;
}

/** Nothing was counted in it yet. `term`: the first day of one that `termIn` names. */
export function newAccount(planId: string, meter: string, term: string, timeline: Timeline): Account {
  const { termUnit, endDate } = termIn(timeline, Date.parse(term))!;
  const nothing = { net: 0n, opening: 0n, shadowed: 0n, phases: [], placed: {}, placedInShadow: {} };
  return { planId, meter, term, termUnit, endDate, countedBy: null, ...nothing };
}

/** The accounts after an hour became what it is, instead of what it was (null: it was not there). */
export function replaced(accounts: readonly Account[], before: BilledHour | null, after: BilledHour): readonly Account[] {
  if (after.state === 'shadowed') return placed(accounts, after, 1n, 'placedInShadow'); // nothing was there before it, and nothing comes after it
  const undone = before && isPlaced(before) ? placed(accounts, before, -1n) : accounts;
  return isPlaced(after) ? placed(undone, after, 1n) : undone;
}

/** One of which it is known by what it is billed. */
export interface CountedAccount extends Account {
  readonly countedBy: CountedBy;
}
export const isCounted = (account: Account): account is CountedAccount => account.countedBy !== null;

/**
 * What of a dimension somebody else charges. What is included is used up by whatever was used first: an opening balance before all other use of the term, then each mode's usage in its turn. Where
 * corrections in shadow exceed what was used there, that is for the other system to give back, and makes nothing due here.
 */
export function chargedByOthers({ countedBy, opening, phases }: CountedAccount, dimension: string): Micros {
  let [net, charged] = [0n, 0n];
  for (const { isShadowed, quantity } of inTurn(opening, phases)) {
    const grown = billableOf(countedBy, dimension, net + quantity) - billableOf(countedBy, dimension, net);
    if (isShadowed) charged += most(0n, grown);
    net += quantity;
  }
  return charged;
}

/** Those that follow each other in one kind of mode as one. */
function inTurn(opening: Micros, phases: readonly Phase[]): readonly Pick<Phase, 'isShadowed' | 'quantity'>[] {
  const turns = [{ isShadowed: true, quantity: opening }];
  for (const { isShadowed, quantity } of phases) {
    const last = turns.at(-1)!;
    if (last.isShadowed === isShadowed) last.quantity += quantity;
    else turns.push({ isShadowed, quantity });
  }
  return turns;
}

/** What is due of a dimension: billable, charged by nobody else, and not placed so far. Below 0: a credit. */
export const dueIn = (account: CountedAccount, dimension: string): Micros =>
  billableOf(account.countedBy, dimension, account.net) - chargedByOthers(account, dimension) - placedOf(account, dimension);

/** What would be due, had billing not only watched: of what was used in shadow, beyond the opening balance. */
export const dueInShadow = (account: CountedAccount, dimension: string): Micros =>
  chargedByOthers(account, dimension) -
  billableOf(account.countedBy, dimension, account.opening) -
  (account.placedInShadow[dimension] ?? 0n);

/** The accounts after these shares of a dimension were placed (1), or are due again (-1). */
export function placed(
  accounts: readonly Account[],
  { planId, meter, dimension, shares }: Pick<BilledHour, 'planId' | 'meter' | 'dimension' | 'shares'>,
  sign: 1n | -1n,
  where: 'placed' | 'placedInShadow' = 'placed',
): readonly Account[] {
  return accounts.map((account) => {
    if (account.planId !== planId || account.meter !== meter) return account;
    const share = shares.find(({ term }) => term === account.term);
    if (!share) return account;
    return { ...account, [where]: { ...account[where], [dimension]: (account[where][dimension] ?? 0n) + sign * share.quantity } };
  });
}
