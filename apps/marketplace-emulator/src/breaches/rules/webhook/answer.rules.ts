import { limits } from '../../../limits';
import type { DeliveryEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';
import type { Found, Rule, Severity } from '../../rule';
import { isChange, isMicrosofts, isRefusal, isTrue, statusOf } from './answered.webhook';

/** About the publisher's answers to Microsoft's own webhooks. */

export const lateAnswer: Rule = {
  id: 'late-answer',
  section: '4.4',
  severity: 'breach',
  title: 'Webhook answered late',
  asks: 'Answer a webhook within five seconds.',
  leadsTo: 'Microsoft gives up waiting at a moment that it does not publish, and sends the webhook again, up to 500 times in 8 hours.',
  instead: 'Store the webhook, answer 200, and do the work afterwards.',
  watch: () => ({
    'delivery-ended': (fact) => {
      const { tookMs, answer, action, faultId } = fact.delivery;
      if (tookMs <= limits.webhookAnswerMs || faultId) return undefined;
      const after = `after ${(tookMs / 1_000).toFixed(1)} s`;
      return about(
        fact,
        answer ? `The webhook ${action} was answered ${answer.status} ${after}.` : `The webhook ${action} had no answer ${after}.`,
      );
    },
  }),
};

export const redirected: Rule = {
  id: 'webhook-redirected',
  section: '4.4',
  severity: 'breach',
  title: 'Webhook answered by a redirect',
  asks: 'Answer a webhook where it arrives.',
  leadsTo: 'Redirects are not followed: to Microsoft the webhook was never received, and it comes again for 8 hours.',
  instead: 'Name the final https address in the technical configuration, without a slash or host name that your server corrects.',
  watch: () => ({
    'delivery-ended': (fact) => {
      const status = statusOf(fact);
      if (status < 300 || status >= 400) return undefined;
      return about(fact, `The webhook ${fact.delivery.action} was answered ${status}.`);
    },
  }),
};

/** Statuses that a framework or a proxy answers by itself, without a decision. */
const turnedAway = new Set([404, 405, 408, 413, 415, 429]);

export const genuineTurnedAway: Rule = {
  id: 'genuine-turned-away',
  section: '2.3, 8 (7)',
  severity: 'breach',
  title: 'Genuine webhook turned away',
  asks: "Let Microsoft's own webhooks in, and answer 4xx to a change as a decision alone.",
  leadsTo: 'A 4xx to a ChangePlan or ChangeQuantity rejects what the customer wants, and anything else is sent again for 8 hours.',
  instead:
    'Check v1 and v2 tokens each by its own issuer and caller claim, answer 5xx where the check itself fails, and keep middleware off the route.',
  watch: () => {
    let keyIds: readonly string[] = [];
    return {
      'keys-read': (fact) => {
        keyIds = fact.keyIds;
      },
      'delivery-ended': (fact) => {
        const status = statusOf(fact);
        const isStopped = status === 401 || status === 403;
        if (!isMicrosofts(fact) || (!isStopped && !(isChange(fact) && turnedAway.has(status)))) return undefined;
        const hasKey = keyIds.includes(keyIdOf(fact) ?? '');
        const done = `The genuine ${fact.delivery.action} was answered ${status}.`;
        // A publisher that has not read the keys since they changed may refuse for that, and some refuse a change by a 404.
        return isStopped && hasKey
          ? about(fact, done)
          : about(fact, isStopped ? `${done} The published keys were not read before.` : done, 'advice');
      },
    };
  },
};

export const newsRefused: Rule = {
  id: 'news-refused',
  section: '4.2, 8 (6)',
  severity: 'breach',
  title: 'Webhook refused that asks nothing',
  asks: 'Answer 200 to Renew, Suspend, Unsubscribe, Subscribe and Reinstate, and to every action that you do not know.',
  leadsTo: 'It has happened already and cannot be refused: Microsoft sends the same webhook again, every few minutes for 8 hours.',
  instead: 'Store it, answer 200, and read the subscription; who does not want a Reinstate cancels the subscription.',
  watch: () => ({
    'delivery-ended': (fact) => {
      const { kind, action } = fact.delivery;
      const status = statusOf(fact);
      if (isChange(fact) || !isTrue(fact) || status < 400 || status >= 500 || status === 401 || status === 403) return undefined;
      // what was made up may be recognised as such
      if (!isMicrosofts(fact) && !(kind === 'crafted' && !knownActions.has(action))) return undefined;
      return about(fact, `The webhook ${action} was answered ${status}.`);
    },
  }),
};

const knownActions = new Set(['Renew', 'Suspend', 'Reinstate', 'Unsubscribe', 'Subscribe']);

export const lateRefusal: Rule = {
  id: 'late-refusal',
  section: '4.5',
  severity: 'breach',
  title: 'Change refused after the ten seconds',
  asks: 'Refuse a change within ten seconds of its webhook.',
  leadsTo: 'A slow refusal is none: Microsoft has accepted the change by itself, and bills it.',
  instead: 'Decide inside the request, and answer 400 within a few seconds.',
  watch: () => ({
    'delivery-ended': (fact) => {
      const { tookMs, action, faultId } = fact.delivery;
      if (!isMicrosofts(fact) || !isChange(fact) || !isRefusal(fact) || faultId || tookMs <= limits.vetoMs) return undefined;
      if (fact.operation?.settledBy === 'publisher') return undefined; // it was decided by PATCH in time
      return about(fact, `The ${action} was refused ${(tookMs / 1_000).toFixed(1)} s after its webhook was sent.`);
    },
  }),
};

export const revertRefused: Rule = {
  id: 'revert-refused',
  section: '4.5, 8 (9)',
  severity: 'breach',
  title: 'Compensating webhook refused',
  asks: 'Accept a change whose target is what the subscription has already.',
  leadsTo: 'It takes back what was refused before: whoever refuses it as well keeps the subscription locked, in a loop.',
  instead:
    'Compare the target with subscription.planId and subscription.quantity of the webhook before any rule of your own, and answer 200 when they are equal.',
  watch: () => ({
    'delivery-ended': (fact) => {
      if (!isMicrosofts(fact) || !fact.operation?.reverts || !isRefusal(fact)) return undefined;
      return about(fact, `The ${fact.delivery.action} that takes a refused one back was answered ${statusOf(fact)}.`);
    },
  }),
};

export const changedDecision: Rule = {
  id: 'changed-decision',
  section: '4.6 (3)',
  severity: 'breach',
  title: 'Redelivered webhook refused after it was accepted',
  asks: 'Answer a redelivered change as it was answered before.',
  leadsTo: 'Microsoft may have taken the first answer or the second: the two sides differ about what the customer has.',
  instead: 'Keep the decision with the id of the operation, and give it again without deciding again.',
  watch: () => {
    const accepted = new BoundedMap<true>();
    return {
      'delivery-ended': (fact) => {
        if (!isMicrosofts(fact) || !isChange(fact)) return undefined;
        const { operationId, action } = fact.delivery;
        const status = statusOf(fact);
        if (status >= 200 && status < 300) accepted.set(operationId, true);
        if (!isRefusal(fact) || !accepted.has(operationId)) return undefined;
        return about(fact, `The ${action} was accepted at first, and answered ${status} when it came again.`);
      },
    };
  },
};

function keyIdOf({ delivery: { unsignedToken } }: DeliveryEnded): string | undefined {
  const header = Buffer.from(unsignedToken?.split('.')[0] ?? '', 'base64url').toString('utf8');
  return /"kid":"([^"]{1,200})"/.exec(header)?.[1];
}

function about({ delivery }: DeliveryEnded, done: string, severity?: Severity): Found {
  const { operationId, subscriptionId, requestId, id } = delivery;
  return { subject: operationId, done, subscriptionId, operationId, requestId, deliveryId: id, ...(severity ? { severity } : {}) };
}
