import { Remembered } from '../remembered';
import type { Rule } from '../rule';

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
    const resolvedAtMs = new Remembered<number>();
    const listedAtMs = new Remembered<number>();
    let forgottenUntilMs = sinceMs; // purchases before that may have been resolved without our knowing it
    return {
      'call-ended': ({ route, atMs, before, purchaseToken, caller, requestId }) => {
        if (purchaseToken) {
          const forgotten = resolvedAtMs.set(purchaseToken.subscriptionId, atMs);
          forgottenUntilMs = Math.max(forgottenUntilMs, forgotten ?? 0);
        }
        if (route === 'listSubscriptions' && caller) listedAtMs.set(caller, atMs);
        const subscription = before?.subscription;
        if (route !== 'activateSubscription' || subscription?.status !== 'PendingFulfillmentStart') return undefined;
        const boughtAtMs = Date.parse(subscription.created);
        if (resolvedAtMs.has(subscription.id) || boughtAtMs <= forgottenUntilMs) return undefined;
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
