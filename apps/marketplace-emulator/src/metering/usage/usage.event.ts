import type { Document } from '../../state/document.store';

/** What becomes of a reported event (contract 6.4). */
export type UsageStatus =
  | 'Accepted'
  | 'Expired'
  | 'Duplicate'
  | 'Error'
  | 'ResourceNotFound'
  | 'ResourceNotAuthorized'
  | 'ResourceNotActive'
  | 'InvalidDimension'
  | 'InvalidQuantity'
  | 'BadArgument';

/** An event as the publisher reports it, with members of the right kinds (contract 6.2). */
export interface ReportedUsage {
  /** The subscription's id, or the Azure resource instead. */
  resourceId: string | undefined;
  resourceUri: string | undefined;
  quantity: number;
  dimension: string;
  /** As it was written, and the instant that it means. */
  effectiveStartTime: string;
  effectiveAtMs: number;
  planId: string;
}

/** An accepted event. Its id is its key: resource, dimension and clock hour (contract 6.3). */
export interface AcceptedUsage extends Document {
  usageEventId: string;
  subscriptionId: string;
  dimension: string;
  planId: string;
  quantity: number;
  effectiveStartTime: string;
  effectiveAtMs: number;
  /** When it was accepted, as Microsoft writes it. */
  messageTime: string;
}

export interface UsageProblem {
  message: string;
  target?: string;
  code: string;
}

export type UsageOutcome =
  | { status: 'Accepted'; event: AcceptedUsage }
  | { status: 'Duplicate'; earlier: AcceptedUsage }
  | { status: Exclude<UsageStatus, 'Accepted' | 'Duplicate'>; problems: [UsageProblem, ...UsageProblem[]] };
