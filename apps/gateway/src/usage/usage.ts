/** What was counted of a meter under a plan in a term, as billing told it last. Quantities are decimal text. */
export interface UsageCount {
  readonly planId: string;
  readonly meter: string;
  /** Its first day. */
  readonly term: string;
  readonly used: string;
  /** Null: without limit. */
  readonly included: string | null;
  readonly remaining: string | null;
  /** When the count begins anew. */
  readonly resetsAt: string;
}

/** Of a message: which count is newer than another one. A higher epoch means that billing's database was restored, and its numbers began anew. */
export interface ToldCount extends UsageCount {
  readonly epoch: number;
  readonly sequence: number;
}

/** The counts that a batch of messages brought of one subscription. */
export interface ToldUsage {
  readonly subscriptionId: string;
  readonly counts: readonly ToldCount[];
}
