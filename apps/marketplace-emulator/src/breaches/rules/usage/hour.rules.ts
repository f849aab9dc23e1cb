import { limits } from '../../../limits';
import { BoundedMap } from '../../bounded.map';
import type { CallEnded, CallLost } from '../../fact';
import type { Found, Rule } from '../../rule';
import { about, usageIn, type SentUsage } from './reported.usage';

/** About the hours under which usage is reported. */

const hourMs = 3_600_000;

export const usageUnderTwoPlans: Rule = {
  id: 'usage-under-two-plans',
  section: '6.3 (1)',
  severity: 'breach',
  title: 'Usage of one hour reported under two plans',
  asks: 'Report one event per subscription, dimension and clock hour, also where the plan has changed in it.',
  leadsTo: 'Whether the plan belongs to the key is not known: the second event is lost, or it is not.',
  instead: 'Report what was used before the change under the old plan, and add the rest of the hour to the next one.',
  watch: () => {
    const planOfHour = new BoundedMap<string>();
    const found = (fact: CallEnded | CallLost) =>
      usageIn(fact).flatMap((event) => {
        const key = hourOf(event);
        if (key === null) return [];
        const planId = planOfHour.get(key);
        if (planId === undefined && (event.isAccepted || isUnanswered(fact))) planOfHour.set(key, event.planId);
        if (planId === undefined || planId === event.planId) return [];
        return about(fact, event, `For an hour with usage of ${event.dimension} under ${planId} more came under ${event.planId}.`);
      });
    return { 'call-ended': found, 'call-lost': found };
  },
};

/** An event that Microsoft may have, and the same quantity that went under another hour since. */
interface Unanswered {
  readonly event: SentUsage;
  readonly hourMs: number;
  readonly moved: Found | null;
}

/** So long before the end of its window there is time enough to send an event again. */
const timeToRepeatMs = 2 * hourMs;

/**
 * That both events are about the same units nobody but the publisher knows. It is certain enough when the first one was never repeated as long as it could be, which alone would have shown
 * what had become of it: whoever is only about to repeat it is not accused.
 */
export const usageMoved: Rule = {
  id: 'usage-moved-to-another-hour',
  section: '6.3 (6), 6.3 (7)',
  severity: 'breach',
  title: 'Usage that was not answered, reported again under another hour',
  asks: 'Repeat an event that was not answered as it is, with the same effectiveStartTime.',
  leadsTo: 'Microsoft may have taken the first one: under another hour it is no duplicate, and the customer pays twice.',
  instead: 'Send the same event until it is answered: Duplicate with your own quantity means that it was taken the first time.',
  watch: () => {
    const unanswered = new BoundedMap<Unanswered>();
    const called = (fact: CallEnded | CallLost) => {
      const events = usageIn(fact);
      for (const { key } of events) unanswered.delete(key); // repeated
      if (isUnanswered(fact)) for (const event of events) remember(unanswered, event);
      else for (const event of events) if (event.isAccepted) move(unanswered, event, fact);
      return over(unanswered, fact.atMs);
    };
    return {
      'call-ended': called,
      'call-lost': called,
      'time-passed': ({ atMs }) => over(unanswered, atMs),
    };
  },
};

function remember(unanswered: BoundedMap<Unanswered>, event: SentUsage): void {
  if (event.effectiveAtMs !== null && event.subscriptionId !== null)
    unanswered.set(event.key, { event, hourMs: startOf(event.effectiveAtMs), moved: null });
}

function move(unanswered: BoundedMap<Unanswered>, event: SentUsage, fact: CallEnded | CallLost): void {
  for (const [key, known] of unanswered) {
    const { subscriptionId, dimension, planId, quantity } = known.event;
    const isSame =
      subscriptionId === event.subscriptionId && dimension === event.dimension && planId === event.planId && quantity === event.quantity;
    if (!isSame || known.moved || event.effectiveAtMs === null) continue;
    if (known.hourMs === startOf(event.effectiveAtMs) || fact.atMs > windowOf(known) - timeToRepeatMs) continue;
    const done = `${quantity} of ${dimension} went under another hour, and the event that was not answered was never sent again.`;
    unanswered.set(key, { ...known, moved: about(fact, known.event, done) });
  }
}

function over(unanswered: BoundedMap<Unanswered>, atMs: number): Found[] {
  return [...unanswered].flatMap(([key, known]) => {
    if (atMs <= windowOf(known)) return [];
    unanswered.delete(key);
    return known.moved ?? [];
  });
}

const windowOf = ({ event }: Unanswered): number => (event.effectiveAtMs ?? 0) + limits.usageWindowMs;
const startOf = (atMs: number): number => Math.floor(atMs / hourMs) * hourMs;

/** The publisher has no answer that tells what was taken. */
const isUnanswered = ({ kind, status }: CallEnded | CallLost): boolean => kind === 'call-lost' || status >= 500;

function hourOf({ subscriptionId, dimension, effectiveAtMs }: SentUsage): string | null {
  return subscriptionId === null || effectiveAtMs === null ? null : JSON.stringify([subscriptionId, dimension, startOf(effectiveAtMs)]);
}
