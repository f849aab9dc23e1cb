/** One record of a product, as it is stored: known by source and id together. */
export interface UsageRecord {
  readonly source: string;
  readonly id: string;
  readonly subscriptionId: string;
  readonly meter: string;
  /** ISO 8601, UTC, to the millisecond. */
  readonly usedAt: string;
  /** An exact decimal in its shortest form, so that the same quantity is the same text. */
  readonly quantity: string;
}

/** Why a record is not counted and never will be. */
export const refusalCodes = [
  /** No event in JSON, or too large. */
  'unreadable',
  /** An event of another type, or one that lacks something. */
  'no-usage',
  'quantity',
  'in-future',
  'too-late',
  /** Its source and id are known with other content. */
  'other-content',
  /** It was held until its time was over. */
  'never-known',
  /** Postgres refuses it. */
  'not-storable',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface Refusal {
  readonly result: 'refused';
  readonly code: RefusalCode;
  /** For the people of the product. */
  readonly reason: string;
}

export const results = ['accepted', 'duplicate', 'held', 'refused'] as const;

/** What became of a record. */
export type Verdict = { readonly result: 'accepted' | 'duplicate' } | { readonly result: 'held'; readonly waitsFor: WaitsFor } | Refusal;

/** What has to become known before a record counts. */
export const waits = ['subscription', 'meter'] as const;
export type WaitsFor = (typeof waits)[number];

/** What of a record could be read although it is refused. */
export type Identified = Partial<Pick<UsageRecord, 'source' | 'id' | 'subscriptionId'>>;

/** A record as it came, by the topic or by HTTP. */
export interface Arrival {
  readonly bytes: Buffer;
  /** Where it lies on the topic; undefined where it came by HTTP. */
  readonly place?: { readonly partition: number; readonly offset: string };
}
