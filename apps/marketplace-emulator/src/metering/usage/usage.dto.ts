import type { Marketplace } from '../../marketplace';
import { resourceUriOf } from '../azure.resource';
import type { AcceptedUsage, UsageProblem, UsageVerdict } from './usage.event';
import { membersOf } from './usage.reading';

type Parties = Pick<Marketplace, 'people' | 'subscriptions'>;

/** An accepted event as its reporter is told of it; `status` is Duplicate where an earlier one is told (contract 6.2). */
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

/** One result of a batch. What was not accepted has no id, and repeats what can be told of the event, so that it can be matched (contract 6.4). */
export function resultInRest(raw: unknown, verdict: UsageVerdict, failedAt: string, parties: Parties) {
  if (verdict.status === 'Accepted') return acceptedInRest(verdict.event, 'Accepted', parties);
  return { status: verdict.status, messageTime: failedAt, error: errorOf(verdict, parties), ...echoed(raw) };
}

function errorOf(verdict: Exclude<UsageVerdict, { status: 'Accepted' }>, parties: Parties) {
  if (verdict.status === 'Duplicate') return duplicateInRest(verdict.earlier, parties);
  const [problem, ...others] = verdict.problems;
  return others.length === 0 ? problem : badUsageInRest(verdict.problems);
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
