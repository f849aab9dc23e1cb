import { createHash } from 'node:crypto';

/** What fits into an index of Postgres together with the name of a consumer. */
const longestKeyBytes = 1024;

/**
 * A key as the tables hold it. A digest stands in for one that the database can't hold and give back as it was: it is too long, or has a NUL or half a
 * surrogate pair in it.
 */
export function storableKey(key: string): string {
  const isStorable = Buffer.byteLength(key) <= longestKeyBytes && !key.includes('\0') && key.isWellFormed();
  return isStorable ? key : `sha256 ${createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('hex')}`; // UTF-8 has no half pairs
}
