import { z } from 'zod';

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

const cursorPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An instant that somebody asks from or until. Postgres knows no year 0. */
export const askedInstant = z.iso.datetime({ offset: true }).refine((text) => !text.startsWith('0000'), 'There is no year 0000');

/** `after` of a list by time: the instant to the microsecond, and an id. */
export const timeCursor = z
  .string()
  .regex(cursorPattern, 'It is no `next` of a page')
  .refine((text) => askedInstant.safeParse(text.split('_')[0]).success, 'It is no `next` of a page');
