import { limits } from '../../../limits';
import { membersOf } from '../../../metering/usage/usage.reading';
import type { CallEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';
import type { Found, Rule } from '../../rule';

/** About PATCH and DELETE of a subscription. */

export const resellersPurchase: Rule = {
  id: 'resellers-purchase',
  section: '1.2, 8 (26)',
  severity: 'breach',
  title: 'Change or cancellation of what a reseller has sold',
  asks: 'Neither change nor cancel a purchase whose allowedCustomerOperations do not allow it.',
  leadsTo: 'Microsoft answers 400: only the reseller may change or cancel what it has sold, and a customer is offered what cannot be done.',
  instead: 'Look at allowedCustomerOperations, and send customers with Read alone to their reseller.',
  watch: () => ({
    'call-ended': (fact) => {
      const asked = askedBy(fact);
      if (!asked || fact.before?.subscription?.channel !== 'csp') return undefined;
      return about(fact, `A ${asked} was asked for, and the subscription was sold by a reseller.`);
    },
  }),
};

export const twoChangesAtOnce: Rule = {
  id: 'two-changes-at-once',
  section: '3.8',
  severity: 'breach',
  title: 'Plan and quantity in one PATCH',
  asks: 'Change plan or quantity, one per PATCH.',
  leadsTo: 'Microsoft answers 400 and changes neither.',
  instead: 'Change one of them, wait until its operation has succeeded, and change the other one then.',
  watch: () => ({
    'call-ended': (fact) => {
      const { planId, quantity } = membersOf(fact.body);
      const isBoth = planId !== undefined && planId !== null && quantity !== undefined && quantity !== null;
      return fact.route === 'updateSubscription' && isBoth ? about(fact, 'A PATCH named a planId and a quantity.') : undefined;
    },
  }),
};

export const blindAgainstLock: Rule = {
  id: 'blind-against-lock',
  section: '3.1.3, 8 (22)',
  severity: 'advice',
  title: 'Change tried again and again while another one is open',
  asks: 'Wait for the operation that locks a subscription before anything else is asked for.',
  leadsTo: 'Microsoft answers every try 400 or 409 until the open operation is settled.',
  instead: 'List the open operations of the subscription, follow the one that is there, and try again when it is settled.',
  watch: () => {
    const tries = new BoundedMap<number>();
    return {
      'call-ended': (fact) => {
        const { route, subscriptionId, before, status, faultId } = fact;
        if (route === 'getOperation' || route === 'listOperations') tries.delete(subscriptionId ?? '');
        const pending = before?.pending;
        if (!askedBy(fact) || !pending || !subscriptionId || faultId || (status !== 400 && status !== 409)) return undefined;
        const times = (tries.get(subscriptionId) ?? 0) + 1;
        tries.set(subscriptionId, times);
        if (times < limits.blindTries) return undefined;
        return about(fact, `A ${askedBy(fact)} was tried ${times} times without a look at the ${pending.action} that is open.`);
      },
    };
  },
};

function askedBy({ route }: CallEnded): 'change' | 'cancellation' | undefined {
  if (route === 'updateSubscription') return 'change';
  return route === 'cancelSubscription' ? 'cancellation' : undefined;
}

function about({ subscriptionId, requestId, path }: CallEnded, done: string): Found {
  return { subject: subscriptionId ?? path, done, subscriptionId, requestId };
}
