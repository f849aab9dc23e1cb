import { acknowledgeable, type Operation } from '../../../operation/operation';
import type { CallEnded } from '../../fact';
import type { Found, RuleResult, Rule } from '../../rule';
import { UnverifiedWebhooks, type UnverifiedWebhook } from './unverified.webhooks';

/** About reading from Microsoft before a webhook is acted on. */

const operationIsShown = new Set(['getOperation', 'listOperations']);
const anythingIsShown = new Set([...operationIsShown, 'getSubscription', 'listSubscriptions', 'resolveSubscription']);

/** A change that the customer asks for. One of the publisher's own may be polled, and a revert holds nothing new (contract 2.3, 4.5). */
const isDecision = ({ action, requestSource, reverts }: Operation) =>
  (action === 'ChangePlan' || action === 'ChangeQuantity') && requestSource === 'Azure' && !reverts;

/** What is older than the start may have been read before it, and its webhook may come once more. */
const isSince = (sinceMs: number, { timeStamp }: Operation) => Date.parse(timeStamp) >= sinceMs;

const isNews = ({ action }: Operation) => action === 'Reinstate' || !acknowledgeable.has(action);

export const changeNotVerified: Rule = {
  id: 'change-not-verified',
  section: '2.3, 4.6 (4)',
  severity: 'breach',
  title: 'Change accepted without Get Operation',
  asks: "Call Get Operation before a change of plan or quantity is accepted, and act on Microsoft's data, not on the webhook's.",
  leadsTo: 'A forged or outdated webhook would change what the customer has, and what is billed differs from it.',
  instead: 'Call Get Operation for every ChangePlan and ChangeQuantity, compare subscription, action and target, and decide then.',
  watch: ({ sinceMs }) => {
    const unverified = new UnverifiedWebhooks(operationIsShown);
    return {
      'delivery-ended': (fact) => {
        if (fact.operation && isDecision(fact.operation) && isSince(sinceMs, fact.operation)) unverified.received(fact.operation, fact);
      },
      'call-ended': (fact) => [...patched(fact, unverified, sinceMs), ...takenBack(unverified, fact)],
      'time-passed': ({ nowMs }) =>
        unverified
          .overdue(nowMs)
          .map((webhook) => neverRead(webhook, `The ${webhook.operation.action} was accepted, and the operation was never asked for.`)),
    };
  },
};

export const newsNotVerified: Rule = {
  id: 'news-not-verified',
  section: '2.3, 4.6 (4, 7)',
  severity: 'advice',
  title: 'Webhook believed without asking',
  asks: 'Call Get Subscription or Get Operation after a webhook that tells what has happened.',
  leadsTo: 'Webhooks come late, twice and out of order; a publisher that believes them ends up with another state than Microsoft.',
  instead: 'Read the subscription after every webhook, and store what it says.',
  watch: ({ sinceMs }) => {
    const unverified = new UnverifiedWebhooks(anythingIsShown);
    return {
      'delivery-ended': (fact) => {
        if (fact.operation && isNews(fact.operation) && isSince(sinceMs, fact.operation)) unverified.received(fact.operation, fact);
      },
      'call-ended': (fact) => takenBack(unverified, fact),
      'time-passed': ({ nowMs }) =>
        unverified
          .overdue(nowMs)
          .map((webhook) =>
            neverRead(webhook, `After the webhook ${webhook.operation.action} neither operation nor subscription was read.`),
          ),
    };
  },
};

/** A PATCH is a decision, so it is too late to read afterwards. */
function patched({ route, before, requestId }: CallEnded, unverified: UnverifiedWebhooks, sinceMs: number): Found[] {
  const operation = before?.operation;
  if (route !== 'updateOperation' || !operation || !isDecision(operation)) return [];
  if (!isSince(sinceMs, operation) || unverified.isRead(operation)) return [];
  unverified.drop(operation.id);
  const { id, subscriptionId, action } = operation;
  return [
    {
      subject: `PATCH ${id}`,
      done: `The ${action} was decided by PATCH, and the operation was not asked for before.`,
      subscriptionId,
      operationId: id,
      requestId,
    },
  ];
}

function neverRead({ operation, deliveryId }: UnverifiedWebhook, done: string): Found {
  return { subject: operation.id, done, subscriptionId: operation.subscriptionId, operationId: operation.id, deliveryId };
}

function takenBack(unverified: UnverifiedWebhooks, fact: CallEnded): Extract<RuleResult, object[]> {
  return unverified.read(fact).map(({ id }) => ({ takesBack: id }));
}
