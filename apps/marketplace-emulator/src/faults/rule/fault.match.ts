import type { FaultContext, FaultSubject } from '../fault.context';
import type { FaultScope } from './fault.rule';

/**
 * Whether a call or a delivery is what a rule is about: all conditions that the rule names must hold, those on the subscription for one and
 * the same.
 */
export function isInScope(scope: FaultScope, facts: FaultContext): boolean {
  return (
    includes(scope.surface, facts.surface) &&
    includes(scope.route, facts.route) &&
    includes(scope.method, facts.method) &&
    includes(scope.action, facts.action) &&
    includes(scope.initiator, facts.initiator) &&
    includes(scope.operationStatus, facts.operationStatus) &&
    isAboutSubscription(scope, facts.subscriptions)
  );
}

/** The same, whatever call or webhook it is that is about the operation: what `GET /control/subscriptions/{id}` shows of each of them. */
export function isAboutOperation(scope: FaultScope, facts: Pick<FaultContext, 'action' | 'initiator' | 'subscriptions'>): boolean {
  return (
    includes(scope.action, facts.action) && includes(scope.initiator, facts.initiator) && isAboutSubscription(scope, facts.subscriptions)
  );
}

function isAboutSubscription(scope: FaultScope, subjects: readonly FaultSubject[]): boolean {
  if (!scope.subscriptionId && !scope.offerId && !scope.planId) return true;
  return subjects.some(
    ({ subscriptionId, offerId, planId }) =>
      includes(scope.subscriptionId, subscriptionId) && includes(scope.offerId, offerId) && includes(scope.planId, planId),
  );
}

function includes<T>(wanted: readonly T[] | undefined, found: T | null): boolean {
  return wanted === undefined || (found !== null && wanted.includes(found));
}
