import { metersOf, type Catalog } from '@landfall/contracts';
import { changed, refused, type Outcome } from '@landfall/messaging';
import { newAccount } from '../ledger/account.domain';
import type { Account } from '../ledger/ledger';
import { decimalOf, type Micros } from '../ledger/micros';
import { termIn, timelineOf } from '../ledger/timeline';
import type { SubscriptionRow } from '../subscription/subscription';

/** What was used in a term before Landfall counted, as an operator gives it. */
export interface Opening {
  readonly planId: string;
  readonly meter: string;
  /** A day of the term. */
  readonly day: string;
  /** 0 or more. */
  readonly quantity: Micros;
}

/** The accounts of a subscription. */
export interface Accounts {
  readonly subscription: SubscriptionRow;
  readonly accounts: readonly Account[];
  /** The one that has an opening balance; null before it is given. */
  readonly opened: Account | null;
}

/**
 * It counts before all other use of its term, and somebody else has charged what of it was billable. Another one takes the place of one that was given before; whatever it is, never more
 * is due than what was recorded.
 */
export function openWith(current: Accounts, { planId, meter, day, quantity }: Opening, catalog: Catalog): Outcome<Accounts> {
  const { subscription, accounts } = current;
  const { publisherId, offerId, isPreview, facts } = subscription;
  const timeline = timelineOf(facts);
  if (!timeline.segments.some((segment) => segment.planId === planId))
    return refused(`The subscription never had the plan ${planId}: name one that it has`);
  if (![...metersOf(catalog, { publisherId, offerId, isPreview, planId })].some(([name]) => name === meter))
    return refused(`The catalog maps no meter ${meter} in the plan ${planId}: name one of it`);
  const term = termIn(timeline, Date.parse(day));
  if (!term || day < term.startDate || day > term.endDate)
    return refused(`${day} lies in no term that Microsoft has shown of the subscription: name a day of one that it has, or of a later one`);
  const read = subscription.rates[planId];
  if (read?.readAt && !read.included[term.termUnit])
    return refused(
      `Nobody knows what the plan ${planId} includes in a term of ${term.termUnit}: name a day of a term as Microsoft's list has them`,
    );
  const isIt = (one: Account) => one.planId === planId && one.meter === meter && one.term === term.startDate;
  const account = accounts.find(isIt) ?? newAccount(planId, meter, term.startDate, timeline);
  const more = quantity - account.opening;
  const opened: Account = { ...account, net: account.net + more, opening: quantity, shadowed: account.shadowed + more };
  return changed({ ...current, accounts: [...accounts.filter((one) => !isIt(one)), opened], opened });
}

/** For the record of the act. */
export const seenOf = ({ opened }: Accounts) =>
  opened ? { planId: opened.planId, meter: opened.meter, term: opened.term, openingBalance: decimalOf(opened.opening) } : {};
