import type { DataOf, usageRead } from '@landfall/contracts';

export type ListedRow = DataOf<typeof usageRead>['rows'][number];

/** What Microsoft's list has of one day, asked for once: it comes in parts, in their order. */
export interface UsageRead {
  readonly readId: string;
  /** By Microsoft's clock; null until the first part is there. */
  readonly listedAt: string | null;
  /** How many there are so far. */
  readonly parts: number;
  readonly isWhole: boolean;
  /** Of the parts that came now, with the number of each. */
  readonly taken: readonly { readonly part: number; readonly rows: readonly ListedRow[] }[];
}

/** A whole day that is compared. */
export interface WholeRead {
  readonly readId: string;
  readonly publisherId: string;
  readonly day: string;
  /** In milliseconds, by Microsoft's clock. */
  readonly listedAt: number;
  /** The subscription up to which it has been compared. */
  readonly comparedTo: string;
  /** A newer list of the day was compared already. */
  readonly isOvertaken: boolean;
}

/** Subscriptions in id order: those behind `after`, up to `upTo`; null: all that follow. */
export interface IdRange {
  readonly after: string;
  readonly upTo: string | null;
}
