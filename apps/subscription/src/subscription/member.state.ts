/** What the record keeps of one member beside its value: what it stands on, and which reads may change it (rule 2). */
export interface MemberState {
  /** The operation that it stands on; null where it stands on a read. */
  readonly setBy: string | null;
  /** The newest `timeStamp` of an operation that it stands on or stood on; null where there was none. */
  readonly timeStamp: string | null;
  /** Microsoft's clock when it was set: the `Date` of the read, or of the answer that showed the operation. */
  readonly date: string;
  /** Counts its changes. Also the name of a change: a closing read says which one it closes. */
  readonly change: number;
  /** Reads count from this number on; null while the member is shut. */
  readonly openFrom: number | null;
  /** A value that it had before and that reads show again: so many of them in a row, the last one with this number. */
  readonly echo: { readonly value: unknown; readonly count: number; readonly readNo: number } | null;
  /** The values that it had within the last hour, oldest first, and until when by Microsoft's clock. */
  readonly earlier: readonly { readonly value: unknown; readonly until: string }[];
}
