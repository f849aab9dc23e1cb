import { limits } from '../../../limits';
import { membersOf } from '../../../metering/usage/usage.reading';
import type { CallEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';
import { about, usageIn, type SentUsage } from './reported.usage';
import { KnownStatus } from '../known.status';

/** About usage events, one by one. */

export const usageTwice: Rule = {
  id: 'usage-twice-in-an-hour',
  section: '6.3 (1), 8 (30)',
  severity: 'breach',
  title: 'Usage of one hour reported twice, with different quantities',
  asks: 'Report one event per subscription, dimension and clock hour, with all of the usage in it.',
  leadsTo: 'The first event counts and the second is lost: nothing is added up, and the customer does not pay for it.',
  instead:
    'Add the usage of a dimension up over the clock hour, and send the sum when the hour is over; what is found later goes into a later hour.',
  watch: ({ sinceMs }) => ({
    'call-ended': (fact) => {
      if (fact.faultId) return undefined;
      const events = usageIn(fact);
      const times = (key: string) => events.filter((event) => event.key === key).length;
      return events
        .filter((event) => times(event.key) > 1 || isAnother(event, sinceMs))
        .map((event) =>
          about(fact, event, `For an hour that has an event of ${event.dimension} another one came, of the quantity ${event.quantity}.`),
        );
    },
  }),
};

/** The same event again is a retry. An event of before a start or a restored snapshot may be unknown to the publisher. */
function isAnother({ earlier, quantity }: SentUsage, sinceMs: number): boolean {
  if (!earlier || earlier.quantity === quantity) return false;
  return typeof earlier.messageTime === 'string' && Date.parse(earlier.messageTime) >= sinceMs;
}

export const usageWhileSuspended: Rule = {
  id: 'usage-while-suspended',
  section: '5.1, 6.3 (3)',
  severity: 'breach',
  title: 'Usage reported for a suspended subscription',
  asks: 'Report usage of Subscribed subscriptions alone.',
  leadsTo: 'Microsoft refuses it, and what is older than 24 hours when the customer has paid is lost.',
  instead: 'Limit the access of a suspended customer, and hold its usage back until the Reinstate.',
  watch: () => {
    const known = new KnownStatus();
    return {
      'delivery-ended': (fact) => known.delivered(fact),
      'call-ended': (fact) => {
        known.answered(fact);
        if (fact.faultId || (fact.status !== 200 && fact.status !== 400)) return undefined;
        return usageIn(fact)
          .filter(({ isAccepted, earlier, subscriptionId }) => !isAccepted && !earlier && subscriptionId)
          .filter(({ subscriptionId }) => known.isKnown(subscriptionId as string, 'Suspended', fact.beganAtMs, limits.newsMs))
          .map((event) =>
            about(
              fact,
              event,
              `Usage of ${event.dimension} was reported, and the publisher had been told that the subscription is Suspended.`,
            ),
          );
      },
    };
  },
};

export const usageOfNothing: Rule = {
  id: 'usage-of-nothing',
  section: '6.2, 6.3 (9)',
  severity: 'breach',
  title: 'Usage of zero or less reported',
  asks: 'Report usage where there was some: quantities greater than 0.',
  leadsTo: 'Microsoft refuses the event.',
  instead: 'Send nothing for an hour without usage; what was reported cannot be taken back by a negative quantity.',
  watch: () => ({
    'call-ended': (fact) =>
      usageIn(fact)
        .filter(({ quantity }) => quantity !== null && quantity <= 0)
        .map((event) => about(fact, event, `Usage of ${event.dimension} was reported with the quantity ${event.quantity}.`)),
  }),
};

/**
 * What is too old or too new is measured by both clocks: a publisher may follow the emulator's or its own, and its events may have waited
 * while the emulator's was moved.
 */
export const usageTooOld: Rule = {
  id: 'usage-too-old',
  section: '6.3 (2), 6.3 (6)',
  severity: 'breach',
  title: 'Usage reported after more than 24 hours',
  asks: 'Report usage within 24 hours, best in the next hour.',
  leadsTo: 'Microsoft refuses the event as Expired, now and for ever.',
  instead: 'Report each hour in the next one, keep what could not be sent, and put what is older than 24 hours into a current hour.',
  watch: () => {
    const delayed = new BoundedMap<true>();
    return {
      'call-ended': (fact) => {
        const events = usageIn(fact);
        if (fact.faultId || fact.status >= 500) for (const { key } of events) delayed.set(key, true); // Microsoft has delayed it
        const oldestMs = Math.min(fact.atMs, fact.endedAtMs) - limits.usageWindowMs;
        return events
          .filter(
            ({ key, effectiveAtMs, isAccepted }) => effectiveAtMs !== null && effectiveAtMs < oldestMs && !isAccepted && !delayed.has(key),
          )
          .map((event) => about(fact, event, `Usage of ${event.dimension} was reported ${ageOf(event, fact)} hours after it was used.`));
      },
    };
  },
};

export const usageInFuture: Rule = {
  id: 'usage-in-future',
  section: '6.2',
  severity: 'breach',
  title: 'Usage of the future reported',
  asks: 'Report usage that has taken place, in UTC.',
  leadsTo: 'Microsoft refuses the event.',
  instead: 'Send effectiveStartTime in UTC with a Z: a local time without its zone is taken for UTC.',
  watch: () => ({
    'call-ended': (fact) => {
      const newestMs = Math.max(fact.atMs, fact.endedAtMs) + limits.clockSkewMs;
      return usageIn(fact)
        .filter(({ effectiveAtMs, isAccepted }) => effectiveAtMs !== null && effectiveAtMs > newestMs && !isAccepted)
        .map((event) => about(fact, event, `Usage of ${event.dimension} was reported ${-ageOf(event, fact)} hours before its time.`));
    },
  }),
};

export const batchTooBig: Rule = {
  id: 'usage-batch-too-big',
  section: '6.4',
  severity: 'breach',
  title: 'More than 25 usage events in a batch',
  asks: 'Send batches of 25 usage events at most.',
  leadsTo: 'Microsoft answers 400, and takes none of them.',
  instead: 'Cut what is to be sent into batches of 25.',
  watch: () => ({
    'call-ended': ({ route, body, caller, requestId }) => {
      const { request: events } = membersOf(body);
      if (route !== 'postBatchUsageEvent' || !Array.isArray(events) || events.length <= limits.batchedUsageEvents) return undefined;
      return { subject: caller ?? '', done: `A batch held ${events.length} usage events.`, requestId };
    },
  }),
};

export const batchUnwrapped: Rule = {
  id: 'usage-batch-unwrapped',
  section: '6.4, 8 (30)',
  severity: 'breach',
  title: 'Batch of usage events without its wrapper',
  asks: 'Send a batch as {"request": [...]}.',
  leadsTo: 'Microsoft answers 400, and takes none of the events.',
  instead: 'Put the array of events into an object with the member request.',
  watch: () => ({
    'call-ended': ({ route, body, caller, requestId }) => {
      if (route !== 'postBatchUsageEvent' || Array.isArray(membersOf(body)['request']) || body === undefined) return undefined;
      return { subject: caller ?? '', done: 'A batch of usage events came without the member request.', requestId };
    },
  }),
};

export const usageOneByOne: Rule = {
  id: 'usage-one-by-one',
  section: '6.4',
  severity: 'advice',
  title: 'Many usage events, each in a call of its own',
  asks: 'Send many usage events in batches of 25.',
  leadsTo: 'It takes 25 times as many calls, and the last hour may not be through before the next one is over.',
  instead: 'Collect the events of an hour and send them by batchUsageEvent.',
  watch: () => {
    const calls = new BoundedMap<number[]>();
    return {
      'call-ended': ({ route, status, caller, beganAtMs, requestId }) => {
        if (route !== 'postUsageEvent' || status !== 200 || !caller) return undefined;
        const recent = [...(calls.get(caller) ?? []), beganAtMs].filter((atMs) => beganAtMs - atMs <= limits.usageBurstMs);
        const isBurst = recent.length >= limits.batchedUsageEvents;
        calls.set(caller, isBurst ? [] : recent);
        return isBurst ? { subject: caller, done: `${recent.length} usage events came one by one within a minute.`, requestId } : undefined;
      },
    };
  },
};

function ageOf({ effectiveAtMs }: SentUsage, { atMs }: CallEnded): number {
  return Math.round((atMs - (effectiveAtMs ?? atMs)) / 3_600_000);
}
