import { limits } from '../../../limits';
import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';
import { KnownStatus } from '../known.status';

/** About Activate. */

export const activateWithoutResolve: Rule = {
  id: 'activate-without-resolve',
  section: '3.4, 5.5',
  severity: 'breach',
  title: 'Activate without Resolve',
  asks: 'Activate a purchase after its customer has come with a purchase token, which was resolved.',
  leadsTo: 'Billing starts for a purchase of which nobody knows who its customer is.',
  instead: 'Resolve the token that the landing page gets, set the customer up, and activate then.',
  watch: ({ sinceMs }) => {
    const resolvedAtMs = new BoundedMap<number>();
    const listedAtMs = new BoundedMap<number>();
    let unknownUntilMs = sinceMs; // purchases before that may have been resolved unseen
    return {
      'call-ended': ({ route, atMs, before, purchaseToken, caller, requestId }) => {
        if (purchaseToken?.subscriptionId) {
          const dropped = resolvedAtMs.set(purchaseToken.subscriptionId, atMs);
          unknownUntilMs = Math.max(unknownUntilMs, dropped ?? 0);
        }
        if (route === 'listSubscriptions' && caller) listedAtMs.set(caller, atMs);
        const subscription = before?.subscription;
        if (route !== 'activateSubscription' || subscription?.status !== 'PendingFulfillmentStart') return undefined;
        const boughtAtMs = Date.parse(subscription.created);
        if (resolvedAtMs.has(subscription.id) || boughtAtMs <= unknownUntilMs) return undefined;
        const isListed = (listedAtMs.get(caller ?? '') ?? 0) > boughtAtMs;
        return {
          subject: subscription.id,
          severity: isListed ? 'advice' : 'breach',
          done: isListed
            ? 'The purchase is known from the list of subscriptions alone, and was activated without its purchase token.'
            : 'The purchase was activated, and no purchase token of it was ever resolved.',
          subscriptionId: subscription.id,
          requestId,
        };
      },
    };
  },
};

export const activateInVain: Rule = {
  id: 'activate-in-vain',
  section: '3.4, 5.5, 8 (15)',
  severity: 'breach',
  title: 'Activate of a subscription that is Suspended or Unsubscribed',
  asks: 'Activate only what is PendingFulfillmentStart.',
  leadsTo: 'Microsoft answers 400 or 404, and a landing page that activates blindly ends in an error.',
  instead:
    'Look at the status that Resolve shows: explain the overdue payment when it is Suspended, and the way to buy again when it is Unsubscribed.',
  watch: () => {
    const known = new KnownStatus();
    return {
      'delivery-ended': (fact) => known.delivered(fact),
      'call-ended': (fact) => {
        known.answered(fact);
        const { route, before, beganAtMs, requestId, status } = fact;
        const subscription = before?.subscription;
        if (route !== 'activateSubscription' || !subscription) return undefined;
        if (subscription.status !== 'Suspended' && subscription.status !== 'Unsubscribed') return undefined;
        if (!known.isKnown(subscription.id, subscription.status, beganAtMs, limits.newsMs)) return undefined;
        return {
          subject: subscription.id,
          done: `Activate was called, and answered ${status}, for a subscription of which the publisher had been told that it is ${subscription.status}.`,
          subscriptionId: subscription.id,
          requestId,
        };
      },
    };
  },
};

export const activateAgain: Rule = {
  id: 'activate-again',
  section: '5.5, 8 (12)',
  severity: 'advice',
  title: 'Activate repeated after the activation',
  asks: 'Activate a purchase once, and find out by Get Subscription whether it took.',
  leadsTo: 'Old text of Microsoft answers 400 to it, and a second Activate is mostly a second set-up of the same customer.',
  instead: 'Make the activation a command that is carried out once per subscription id, and read the subscription before it is repeated.',
  watch: () => {
    const times = new BoundedMap<number>();
    return {
      'call-ended': ({ route, before, faultId, requestId }) => {
        const subscription = before?.subscription;
        if (route !== 'activateSubscription' || subscription?.status !== 'Subscribed' || faultId) return undefined;
        const time = (times.get(subscription.id) ?? 0) + 1;
        times.set(subscription.id, time);
        if (time === 1) return undefined; // the answer to the one before may have been lost
        return {
          subject: subscription.id,
          done: `Activate was called ${time} times after the subscription had become Subscribed.`,
          subscriptionId: subscription.id,
          requestId,
        };
      },
    };
  },
};
