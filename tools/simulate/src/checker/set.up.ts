import { ownRegistration } from '../microsoft/members';
import type { Run } from '../run';
import { second } from '../time';
import { seconds } from './flaps';
import type { Violation } from './violation';

/** Billing begins with Activate (contract 3.4): the customer has confirmed before, and there is a tenant. */
export function activations({ calls, setUp }: Run): Violation[] {
  const [confirmedMs = Infinity] = setUp.confirmedMs;
  const tenantMadeMs = setUp.tenantMadeMs ?? Infinity;
  return calls
    .filter(({ what }) => what === 'Activate')
    .flatMap(({ atMs }): Violation[] => [
      ...(atMs < confirmedMs
        ? [{ kind: 'activated-unasked' as const, about: 'status', explanation: `${seconds(atMs)} s: Activate, and nobody has confirmed` }]
        : []),
      ...(atMs < tenantMadeMs
        ? [{ kind: 'activated-unasked' as const, about: 'tenant', explanation: `${seconds(atMs)} s: Activate, and there is no tenant` }]
        : []),
    ]);
}

/** What a customer confirmed ends: in a tenant that may be used, in a failure that is told, or with the subscription. */
export function setUps({ scenario, setUp, record }: Run): Violation[] {
  if (scenario.begins === 'set up') return [];
  const { stage, failureReason, confirmedMs, hasTenant } = setUp;
  const hasEnded = record.status === 'Unsubscribed';
  const violations: Violation[] = [];
  const tell = (about: string, explanation: string) => violations.push({ kind: 'set-up', about, explanation });
  if (confirmedMs.length > 0 && !hasEnded && stage !== 'done' && failureReason === null)
    tell('stage', `it was confirmed at ${seconds(confirmedMs[0]!)} s, stands at ${stage}, and nobody is told why`);
  if (stage === 'done' && !hasTenant) tell('tenant', 'it is set up, and the product has no tenant');
  if (hasEnded && stage !== 'done' && hasTenant) tell('tenant', 'it has ended before it was used, and its tenant is still there');
  return violations;
}

/** `confirmed`, `provisioned` and `activated` once each (rules 4 and 11). */
export function toldTwice({ events }: Run): Violation[] {
  return ['purchased', 'confirmed', 'provisioned', 'activated'].flatMap((name) => {
    const again = events.filter((event) => event.name === name)[1];
    return again ? [{ kind: 'told-twice' as const, about: name, explanation: `${seconds(again.atMs)} s: ${name} once more` }] : [];
  });
}

/** A call may be under way while Microsoft shows for the first time whose the subscription is. */
const underWayMs = 2 * second;

/** Nothing is changed through another publisher's registration, and nothing is asked there once it is on record whose the subscription is. A token says itself where it was brought. */
export function registrations({ calls, boundSinceMs }: Run): Violation[] {
  return calls
    .filter(({ registration }) => registration !== ownRegistration)
    .filter(({ what, atMs }) => {
      if (what === 'Resolve') return false;
      return what === 'PATCH' || what === 'Activate' || atMs > (boundSinceMs ?? Infinity) + underWayMs;
    })
    .map(({ what, atMs, registration }) => ({
      kind: 'other-registration' as const,
      about: what,
      explanation: `${seconds(atMs)} s: ${what} with the token of ${registration}`,
    }));
}
