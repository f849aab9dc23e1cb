import { resourceUriOf } from '../azure.resource';
import type { UsageMarketplace } from './usage.marketplace';
import type { AcceptedUsage, UsageProblem, UsageOutcome } from './usage.event';
import { membersOf } from './usage.reading';

type Parties = Pick<UsageMarketplace, 'people' | 'subscriptions'>;

/** An accepted event as it is answered to its reporter; `status` is Duplicate where it is an earlier one (contract 6.2). */
export function acceptedInRest(event: AcceptedUsage, status: 'Accepted' | 'Duplicate', parties: Parties) {
  const { usageEventId, messageTime, subscriptionId, quantity, dimension, effectiveStartTime, planId } = event;
  const subscription = parties.subscriptions.get(subscriptionId);
  const resource = { resourceId: subscriptionId, ...(subscription ? { resourceUri: resourceUriOf(subscription, parties) } : {}) };
  return { usageEventId, status, messageTime, ...resource, quantity, dimension, effectiveStartTime, planId };
}

/** The event that is there already, whose quantity may be another one (contract 6.2). */
export function duplicateInRest(earlier: AcceptedUsage, parties: Parties) {
  const acceptedMessage = acceptedInRest(earlier, 'Duplicate', parties);
  return { additionalInfo: { acceptedMessage }, message: 'This usage event already exist.', code: 'Conflict' };
}

/** What is wrong with an event that came alone, and with the members of one in a batch (contract 6.2). */
export function badUsageInRest(details: readonly UsageProblem[]) {
  return { message: 'One or more errors have occurred.', target: 'usageEventRequest', code: 'BadArgument', details };
}

/**
 * One result of a batch. What was not accepted has no id, and repeats what is known of the event, so that it can be matched (contract 6.4).
 */
export function resultInRest(raw: unknown, outcome: UsageOutcome, failedAt: string, parties: Parties) {
  if (outcome.status === 'Accepted') return acceptedInRest(outcome.event, 'Accepted', parties);
  return { status: outcome.status, messageTime: failedAt, error: errorOf(outcome, parties), ...echoed(raw) };
}

function errorOf(outcome: Exclude<UsageOutcome, { status: 'Accepted' }>, parties: Parties) {
  if (outcome.status === 'Duplicate') return duplicateInRest(outcome.earlier, parties);
  const [problem, ...others] = outcome.problems;
  return others.length === 0 ? problem : badUsageInRest(outcome.problems);
}

function echoed(raw: unknown): Record<string, string | number> {
  const members = membersOf(raw);
  const repeated: Record<string, string | number> = {};
  for (const name of ['resourceId', 'resourceUri', 'quantity', 'dimension', 'effectiveStartTime', 'planId']) {
    const value = members[name];
    if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) repeated[name] = value;
  }
  return repeated;
}
