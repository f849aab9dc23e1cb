import { isGuid } from '../../guid';
import type { ReportedUsage, UsageProblem } from './usage.event';
import { instantOf } from '../iso.instant';

/** The members of a reported event as they came: whatever they are, none is trusted. */
type Members = Record<string, unknown>;

/**
 * Reads one event. All that is missing or of the wrong kind is reported at once, one problem for each member (contract 6.2); unknown
 * members are ignored.
 */
export function readUsage(raw: unknown): ReportedUsage | [UsageProblem, ...UsageProblem[]] {
  const members = membersOf(raw);
  const { quantity, effectiveStartTime } = members;
  const [resourceId, resourceUri] = [textOf(members['resourceId']), textOf(members['resourceUri'])];
  const [dimension, planId] = [textOf(members['dimension']), textOf(members['planId'])];
  const effectiveAtMs = typeof effectiveStartTime === 'string' ? instantOf(effectiveStartTime) : undefined;
  const problems = [
    resourceProblem(members, resourceId, resourceUri),
    typeof quantity === 'number' && Number.isFinite(quantity) ? undefined : problemWith('quantity', quantity, 'a number'),
    dimension ? undefined : problemWith('dimension', members['dimension'], 'the id of a dimension'),
    effectiveAtMs === undefined ? problemWith('effectiveStartTime', effectiveStartTime, 'a date and time in UTC') : undefined,
    planId ? undefined : problemWith('planId', members['planId'], 'the id of a plan'),
  ].filter((problem) => problem !== undefined);
  if (problems[0]) return [problems[0], ...problems.slice(1)];
  return {
    resourceId,
    resourceUri,
    quantity: quantity as number,
    dimension: dimension as string,
    effectiveStartTime: effectiveStartTime as string,
    effectiveAtMs: effectiveAtMs as number,
    planId: planId as string,
  };
}

/** The members of an object; nothing else has any. */
export function membersOf(raw: unknown): Members {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Members) : {};
}

/**
 * `resourceId` is the subscription's GUID. An Azure resource's path in its place is a wrong kind of id, for which Microsoft answers that
 * the client is not authorized (contract 6.2, 8-29): `UsageDecision` decides about it.
 */
function resourceProblem(members: Members, id: string | undefined, uri: string | undefined): UsageProblem | undefined {
  if (id !== undefined) return isGuid(id) || id.startsWith('/') ? undefined : problemWith('resourceId', id, 'the id of a subscription');
  if (isThere(members['resourceId'])) return problemWith('resourceId', members['resourceId'], 'the id of a subscription');
  if (uri !== undefined) return undefined;
  if (isThere(members['resourceUri'])) return problemWith('resourceUri', members['resourceUri'], 'the path of an Azure resource');
  return problemWith('resourceId', undefined, '');
}

/** The target is written as Microsoft's own, with a capital (contract 6.2). */
function problemWith(member: string, value: unknown, wanted: string): UsageProblem {
  const target = `${member[0]?.toUpperCase()}${member.slice(1)}`;
  const message = isThere(value) ? `The ${member} is not valid: it must be ${wanted}.` : `The ${member} is required.`;
  return { message, target, code: 'BadArgument' };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
