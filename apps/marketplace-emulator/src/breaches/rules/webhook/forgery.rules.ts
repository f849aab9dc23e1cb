import { badTokens, type BadTokenName } from '../../../webhook/token/bad.tokens';
import type { DeliveryEnded } from '../../fact';
import type { Found, Rule } from '../../rule';
import { statusOf } from './answered.webhook';

/** About webhooks with tokens that must not be accepted. */

/** What a publisher's own settings may accept. */
const isArguable = (badToken: BadTokenName) => badTokens[badToken].rightAnswer === 'either';

/**
 * Elsewhere a 5xx is as good: the audience may be the publisher's own mistake in its configuration, and a key that it does not know may be a new one that
 * discovery does not show yet.
 */
const isProvablyWrong = (badToken: BadTokenName) => badTokens[badToken].rightAnswer === 'refuse';

export const forgeryBelieved: Rule = {
  id: 'forgery-believed',
  section: '2.3, 8 (5)',
  severity: 'breach',
  title: 'Forged webhook accepted',
  asks: 'Check signature, key, algorithm, issuer, audience, tenant, caller and times of every webhook token.',
  leadsTo: 'Anybody on the internet can cancel customers, or give them more than they pay for.',
  instead:
    'Verify by the published keys of your own tenant with RS256 alone, check every claim, answer 401, and call Get Operation before you act.',
  watch: () => ({
    'delivery-ended': (fact) => {
      const { badToken } = fact.delivery;
      const status = statusOf(fact);
      if (badToken === null || isArguable(badToken) || status < 200 || status >= 300) return undefined;
      return about(fact, `A webhook with a bad token (${badToken}) was answered ${status}.`);
    },
  }),
};

export const forgeryPostponed: Rule = {
  id: 'forgery-postponed',
  section: '2.3',
  severity: 'advice',
  title: 'Forged webhook answered 5xx',
  asks: 'Answer 401 or 400 to a token that is provably wrong.',
  leadsTo: 'A 5xx says: try again. Alarms for outages go off for what is an attack.',
  instead: 'Tell tokens that are wrong, which is a 401, from checks that could not be made, which is a 503.',
  watch: () => ({
    'delivery-ended': (fact) => {
      const { badToken } = fact.delivery;
      if (badToken === null || !isProvablyWrong(badToken) || statusOf(fact) < 500) return undefined;
      return about(fact, `A webhook with a bad token (${badToken}) was answered ${statusOf(fact)}.`);
    },
  }),
};

function about({ delivery }: DeliveryEnded, done: string): Found {
  const { badToken, operationId, subscriptionId, requestId, id } = delivery;
  return { subject: badToken ?? '', done, subscriptionId, operationId, requestId, deliveryId: id };
}
