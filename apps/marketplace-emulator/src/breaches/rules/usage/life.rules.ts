import { limits } from '../../../limits';
import type { Rule } from '../../rule';
import { about, usageIn, type SentUsage } from './reported.usage';
import { ShownLives } from './shown.life';

/** About usage of times in which the customer, as the publisher knew, had no access. */

export const usageBeforeActivation: Rule = {
  id: 'usage-before-activation',
  section: '3.4, 6.3 (3)',
  severity: 'breach',
  title: 'Usage reported of a time before the activation',
  asks: 'Report usage from the activation on: a subscription is Subscribed from then on.',
  leadsTo: 'The customer pays for a time in which nothing was bought yet.',
  instead: 'Begin the effectiveStartTime of the first hour with the activation, and report nothing that was used before.',
  watch: () => {
    const lives = new ShownLives();
    return {
      'delivery-ended': (fact) => lives.delivered(fact),
      'call-ended': (fact) => {
        lives.answered(fact);
        return usageIn(fact)
          .filter((event) => isEarlier(event, lives.of(event.subscriptionId ?? '').activatedAtMs))
          .map((event) => about(fact, event, `Usage of ${event.dimension} was reported of a time before the publisher called Activate.`));
      },
    };
  },
};

const isEarlier = ({ effectiveAtMs }: SentUsage, activatedAtMs = -Infinity): boolean =>
  effectiveAtMs !== null && effectiveAtMs < activatedAtMs - limits.clockSkewMs;

export const usageAfterEnd: Rule = {
  id: 'usage-after-end',
  section: '5.4, 6.3 (3)',
  severity: 'breach',
  title: 'Usage reported of a time after the end',
  asks: 'Stop metering with Unsubscribe; what was used before it may still be reported.',
  leadsTo: 'Microsoft refuses the event, or a customer pays for what was cancelled.',
  instead: 'Report under the hours until the timeStamp of Unsubscribe, within their 24 hours, and nothing of later ones.',
  watch: () => {
    const lives = new ShownLives();
    const isAfterEnd = ({ subscriptionId, effectiveAtMs }: SentUsage, beganAtMs: number): boolean => {
      const { ended } = lives.of(subscriptionId ?? '');
      if (!ended || effectiveAtMs === null || beganAtMs - ended.knownAtMs < limits.newsMs) return false;
      return effectiveAtMs > ended.atMs + limits.clockSkewMs;
    };
    return {
      'delivery-ended': (fact) => lives.delivered(fact),
      'call-ended': (fact) => {
        lives.answered(fact);
        return usageIn(fact)
          .filter((event) => isAfterEnd(event, fact.beganAtMs))
          .map((event) => about(fact, event, `Usage of ${event.dimension} was reported of a time after the subscription had ended.`));
      },
    };
  },
};

export const usageOfSuspension: Rule = {
  id: 'usage-of-suspension',
  section: '5.1, 6.3 (3)',
  severity: 'breach',
  title: 'Usage reported of a time in which the subscription was suspended',
  asks: 'Report usage of the times in which a subscription was Subscribed, also when it is Subscribed again.',
  leadsTo: 'The customer, who had no access that was paid for, is charged for it.',
  instead: 'Leave out what was used between Suspend and Reinstate; what was used before goes under its own hour, or a later one.',
  watch: () => {
    const lives = new ShownLives();
    const isInside = ({ subscriptionId, effectiveAtMs }: SentUsage): boolean => {
      const { suspension } = lives.of(subscriptionId ?? '');
      if (!suspension || effectiveAtMs === null) return false;
      return effectiveAtMs > suspension.fromMs + limits.clockSkewMs && effectiveAtMs < suspension.untilMs - limits.clockSkewMs;
    };
    return {
      'delivery-ended': (fact) => lives.delivered(fact),
      'call-ended': (fact) => {
        lives.answered(fact);
        return usageIn(fact)
          .filter(isInside)
          .map((event) => about(fact, event, `Usage of ${event.dimension} was reported of a time in which it was suspended.`));
      },
    };
  },
};
