/** Counts end here: what is longer is long. */
export const countedAtMost = 1000;

/** Part of a list, in its order. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Given as `after`, it asks for what follows; null at the end. */
  readonly next: string | null;
}

/** Of the rows that were asked for, one more than the page holds tells whether something follows. */
export function pageOf<Row, Item = Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  itemOf: (row: Row) => Item = (row) => row as unknown as Item,
): Page<Item> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(itemOf), next: rows.length > limit && last ? cursorOf(last) : null };
}
