import { isGuid } from '../../guid';
import { dayOf } from '../iso.instant';

/** What a record of one day's usage may read (contract 6.5). The first four are in Microsoft's OpenAPI file, all six in its documents. */
export const reconStatuses = ['Submitted', 'Accepted', 'Rejected', 'Mismatch', 'TestHeaders', 'DryRun'] as const;

export type ReconStatus = (typeof reconStatuses)[number];

/** Days in UTC, both included; a filter that is undefined lets everything pass. */
export interface UsageQuery {
  from: string;
  to: string;
  offerId: string | undefined;
  planId: string | undefined;
  dimension: string | undefined;
  azureSubscriptionId: string | undefined;
  reconStatus: ReconStatus | undefined;
}

interface QueryProblem {
  message: string;
  target: string;
}

export function isQueryProblem(read: UsageQuery | QueryProblem): read is QueryProblem {
  return 'target' in read;
}

/** Reads the query of `GET /usageEvents` (contract 6.5). A time of day is ignored, since usage is listed by the day. */
export function readUsageQuery(parameters: { get(name: string): string | null }, today: string): UsageQuery | QueryProblem {
  const filter = (name: string) => parameters.get(name) || undefined;
  const [wantedFrom, wantedTo] = [filter('usageStartDate'), filter('usageEndDate')];
  if (wantedFrom === undefined) return { message: 'The usageStartDate is required.', target: 'usageStartDate' };
  const [from, to] = [dayOf(wantedFrom), wantedTo === undefined ? today : dayOf(wantedTo)];
  if (from === undefined) return { message: 'The usageStartDate is not a date or a date-time of ISO 8601.', target: 'usageStartDate' };
  if (to === undefined) return { message: 'The UsageEndDate is not a date or a date-time of ISO 8601.', target: 'UsageEndDate' };
  if (wantedTo !== undefined && to < from) return { message: 'The UsageEndDate is before the usageStartDate.', target: 'UsageEndDate' };
  const [wantedStatus, azureSubscriptionId] = [filter('reconStatus'), filter('azureSubscriptionId')];
  const reconStatus = reconStatuses.find((status) => status.toLowerCase() === wantedStatus?.toLowerCase());
  if (wantedStatus !== undefined && !reconStatus) {
    return { message: `The reconStatus must be one of ${reconStatuses.join(', ')}.`, target: 'reconStatus' };
  }
  if (azureSubscriptionId !== undefined && !isGuid(azureSubscriptionId)) {
    return { message: 'The azureSubscriptionId is not a GUID.', target: 'azureSubscriptionId' };
  }
  return {
    from,
    to,
    offerId: filter('offerId'),
    planId: filter('planId'),
    dimension: filter('dimension'),
    azureSubscriptionId: azureSubscriptionId?.toLowerCase(),
    reconStatus,
  };
}
