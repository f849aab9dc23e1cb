/** Where in the list a page begins. */
export interface Place {
  /** Place in the order of purchases. */
  position: number;
  /** Which partition is being listed; null: the list is one piece. */
  partition: number | null;
  /** The page itself is empty and leads to the one that has the entries. */
  isEmpty: boolean;
}

/**
 * The continuation token for a page. It looks like the live one, a JSON list of partition ranges, and is percent-encoded in lower case as
 * seen live: a client that encodes it anew changes it (contract 3.1.4).
 */
export function tokenOf({ position, partition, isEmpty }: Place): string {
  const inside = `${isEmpty ? 'before' : 'after'}:${partition ?? 'all'}:${position}`;
  const text = JSON.stringify([{ token: Buffer.from(inside).toString('base64'), range: { min: '', max: 'FF' } }]);
  return encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/** Undefined when the token is not one of ours. */
export function placeIn(continuationToken: string): Place | undefined {
  const token = /^\[\{"token":"([A-Za-z0-9+/=]{1,100})","range":\{"min":"","max":"FF"\}\}\]$/.exec(continuationToken)?.[1];
  const found = /^(before|after):(all|\d):(\d{1,12})$/.exec(Buffer.from(token ?? '', 'base64').toString('utf8'));
  if (!found) return undefined;
  return { position: Number(found[3]), partition: found[2] === 'all' ? null : Number(found[2]), isEmpty: found[1] === 'before' };
}
