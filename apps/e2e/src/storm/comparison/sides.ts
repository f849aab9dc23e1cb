import type { MicrosoftOperation } from './member.history';

/** Members by name, as both sides write them down to be compared. */
export type Members = Readonly<Record<string, string | number | boolean | null>>;

/** What Microsoft says of a subscription when everything has come to rest. */
export interface MicrosoftSide {
  subscriptionId: string;
  members: Members;
  bought: { planId: string; quantity: number | null };
  /** Its plan asks for an operator's approval. */
  isReviewed: boolean;
  /** What the operator decided; null where the purchase had ended before, or needs no decision. */
  decision: 'approval' | 'rejection' | null;
  /** How often we called Activate. */
  activateCalls: number;
  operations: readonly MicrosoftOperation[];
  /** What Microsoft tells is known to us after so long, whatever is broken meanwhile. */
  learntWithinMs: number;
}

/** A public event as it lies on the topic. */
export interface AnnouncedEvent {
  id: string;
  /** `suspended`, `updated` … */
  kind: string;
  sequence: number;
  members: Members;
  effectiveAt: string | null;
  effectiveBetween: { from: string; to: string } | null;
  graceEndsAt: string | null;
  /** Microsoft did what we had refused. */
  overruled: boolean;
  operationId: string | null;
  /** The request of ours that it is about. */
  requestId: string | null;
}

/** What we have said of a subscription: all its public events in the order of the topic, repetitions included, the snapshot that lies last on its topic, and the record. */
export interface OurSide {
  events: readonly AnnouncedEvent[];
  /** The newest hundred. */
  requests: readonly MadeRequest[];
  product: AtProduct;
  snapshot: Members | null;
  record: Members | null;
  /** What a product has that folds the public topic: everything that the newest event says of the subscription, each as JSON. */
  folded: Readonly<Record<string, string>> | null;
  /** The same of the record. */
  kept: Readonly<Record<string, string>> | null;
}

/** What the product has to do with a subscription. */
export interface AtProduct {
  /** Requests for a tenant on the topic, one that is repeated counted once. */
  requests: number;
  /** How many tenants it made, those that are gone included. */
  made: number;
  hasTenant: boolean;
}

export type DifferenceKind =
  | 'provisioned twice'
  | 'untrue tenant'
  | 'untrue refusal'
  | 'untold refusal'
  | 'untrue decision'
  | 'told twice'
  | 'request without an end'
  | 'untrue end of a request'
  | 'not in the fold'
  | 'differs at rest'
  | 'out of sequence'
  | 'took back what was true'
  | 'suspended without a date'
  | 'untrue date';

export interface Difference {
  kind: DifferenceKind;
  detail: string;
}

/** A request of ours to Microsoft, as the subscription service tells how it ended. */
export interface MadeRequest {
  readonly requestId: string;
  readonly action: string;
  readonly state: string;
  readonly operationId: string | null;
}
