import { metersOf, readPlan, type Catalog } from '@landfall/contracts';
import { changed, ignored, type Effect, type Outcome } from '@landfall/messaging';
import type { Instant } from '../ledger/hours';
import { changedFrom, factOf, remembered, saysMore, timelineOf, withFact, type Fact } from '../ledger/timeline';
import type { PlanRead, Subscription, SubscriptionMessage } from './subscription';

/** Before everything. */
const AT_ONCE: Instant = 0;

/**
 * Follows the life of a subscription, by which usage is rated. Events and snapshots come from two topics in any order, so that each version counts once, whenever it comes, and as
 * its event tells it. What a plan costs and includes is read anew where the plan is another one, or a term begins: it is Microsoft's, and private offers differ (contract 3.7).
 */
export const followSubscription =
  (catalog: () => Catalog) =>
  (current: Subscription | undefined, message: SubscriptionMessage): Outcome<Subscription> => {
    const { subscriptionId: id, publisherId, offerId, isPreview, version } = message.data;
    const { facts, ...before } = current ?? {
      facts: [],
      version: 0,
      rates: {},
      peaks: {},
      counts: 0,
      lookAt: null,
      lateFrom: null,
      ratedAnewFrom: null,
    };
    const fact = factOf(message.type, message.data, message.epoch);
    const told = facts.find((one) => one.version === version);
    if (told && !saysMore(fact, told)) return ignored('this version is known');
    const known = withFact(facts, fact);
    const kept = remembered(known);
    if (!told && !kept.includes(fact)) return ignored('nothing is rated any more by what held so long ago'); // its message comes again
    const changedNow = changedFrom(timelineOf(facts), timelineOf(known));
    const ratedAnewFrom = earliest(before.ratedAnewFrom, changedNow);
    const newest = version > before.version || !current ? { publisherId, offerId, isPreview, version } : current;
    const next: Subscription = {
      ...{ ...before, ...newest, id, facts: kept, ratedAnewFrom },
      lookAt: changedNow !== null && hasLedger(current) ? AT_ONCE : before.lookAt,
    };
    return changed(next, ...readAnew(next, facts.at(-1), fact, catalog()));
  };

/** Of what several messages of one batch change: they are saved together. */
function earliest(...instants: readonly (Instant | null | undefined)[]): Instant | null {
  const known = instants.filter((instant) => instant !== null && instant !== undefined);
  return known.length > 0 ? Math.min(...known) : null;
}

/** Something was used, or may be: of most subscriptions nothing ever is, and nobody looks at them. */
const hasLedger = (current: Subscription | undefined): boolean =>
  current !== undefined && (current.lookAt !== null || Object.keys(current.rates).length > 0);

function readAnew({ id, publisherId, offerId, isPreview }: Subscription, before: Fact | undefined, fact: Fact, catalog: Catalog): Effect[] {
  if (fact.status !== 'Subscribed') return [];
  const isKnown = before?.planId === fact.planId && before.term?.startDate === fact.term?.startDate && before.status === fact.status;
  const isMetered = metersOf(catalog, { publisherId, offerId, isPreview, planId: fact.planId }).size > 0;
  return isKnown || !isMetered ? [] : [readPlan({ subscriptionId: id, planId: fact.planId })];
}

/** The last copy is kept. A plan that Microsoft's list does not name keeps what was read before: it is held all the same. */
export function keepRates(current: Subscription | undefined, { data }: PlanRead): Outcome<Subscription> {
  if (!current) return ignored('nobody has told of its subscription');
  const { planId, isListed, dimensions, terms, date } = data;
  const before = current.rates[planId];
  if (before?.readAt && before.readAt > date) return ignored('a newer copy is known');
  if (!isListed && before?.readAt) return ignored('Microsoft does not list the plan any more: what was read before holds');
  if (!isListed) return ignored('Microsoft does not list the plan: usage of it waits');
  const rates = {
    prices: Object.fromEntries(dimensions.map(({ dimension, pricePerUnit }) => [dimension, pricePerUnit])),
    included: Object.fromEntries(
      terms.map(({ termUnit, included }) => [termUnit, Object.fromEntries(included.map(({ dimension, units }) => [dimension, units]))]),
    ),
    ...{ currency: dimensions[0]?.currency, readAt: date, askedAt: null },
  };
  const ratedAnewFrom = before?.readAt ? earliest(current.ratedAnewFrom) : AT_ONCE; // what was counted before is told now
  return changed({ ...current, rates: { ...current.rates, [planId]: rates }, ratedAnewFrom, lookAt: AT_ONCE });
}
