import { dueIn, isCounted } from '../ledger/account.domain';
import type { Instant } from '../ledger/hours';
import type { Account } from '../ledger/ledger';
import { endOfTerm } from '../ledger/term';
import { endedAt, type Timeline } from '../ledger/timeline';

/** A meter in a term, under whatever plans: what of it is old goes together, so that no sum is left without a part of it. */
export interface ClosedTerm {
  readonly meter: string;
  /** Its first day. */
  readonly term: string;
}

/**
 * The terms that ended before that instant, and of which nothing is open: nothing is due, there is no credit that later usage could use, and what they include is known. Of a subscription
 * that ended before it nothing is ever due again, so that all of its terms are closed. Whether an hour of theirs is open its rows say.
 */
export function closedTerms(accounts: readonly Account[], timeline: Timeline, before: Instant): readonly ClosedTerm[] {
  const ended = endedAt(timeline);
  const isOver = ended !== null && ended < before;
  const terms = Map.groupBy(accounts, ({ meter, term }) => JSON.stringify([meter, term]));
  return [...terms.values()]
    .filter((some) =>
      some.every((account) => endOfTerm({ ...account, startDate: account.term }) <= before && (isOver || isSettled(account))),
    )
    .map(([one]) => ({ meter: one!.meter, term: one!.term }));
}

/** What nobody knows the included quantity of is settled only where nothing was used. */
function isSettled(account: Account): boolean {
  if (!isCounted(account)) return account.net === 0n;
  const dimensions = new Set([...account.countedBy.tiers.map(({ dimension }) => dimension), ...Object.keys(account.placed)]);
  return [...dimensions].every((dimension) => dueIn(account, dimension) === 0n);
}
