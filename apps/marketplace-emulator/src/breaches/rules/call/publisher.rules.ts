import type { Rule } from '../../rule';

/** About several publishers in one system. */

/** Resolve names no subscription: whose token a browser brings is known only by the answer. */
export const foreignSubscription: Rule = {
  id: 'foreign-subscription',
  section: '9.2',
  severity: 'breach',
  title: "Call about another publisher's subscription",
  asks: 'Call about a subscription with the token of the application of its offer alone.',
  leadsTo: 'Microsoft answers 403, so what was to be read or done is not, and one publisher depends on the secret of the other.',
  instead: 'Keep for each subscription the registration through which it came, and call with its token alone.',
  watch: () => ({
    'call-ended': ({ isForeign, caller, method, path, subscriptionId, requestId }) =>
      isForeign
        ? {
            subject: `${caller} ${path}`,
            done: `${method} ${path} came from application ${caller}, to which it does not belong.`,
            subscriptionId,
            requestId,
          }
        : undefined,
  }),
};
