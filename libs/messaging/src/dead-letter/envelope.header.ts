/** What stands on the outside of a message. Never its data, which may be about people. */
export interface EnvelopeHeader {
  readonly id: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly time: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
}

const longestText = 200;
const unreadable: EnvelopeHeader = { id: null, type: null, source: null, time: null, correlationId: null, causationId: null };

/** Reads as much of an envelope as is there: dead letters are often those that can't be decoded. Never throws. */
export function envelopeHeader(value: Buffer): EnvelopeHeader {
  try {
    const envelope: unknown = JSON.parse(value.toString('utf8'));
    if (typeof envelope !== 'object' || envelope === null) return unreadable;
    const { id, type, source, time, correlationid, causationid } = envelope as Record<string, unknown>;
    return {
      id: text(id),
      type: text(type),
      source: text(source),
      time: text(time),
      correlationId: text(correlationid),
      causationId: text(causationid),
    };
  } catch {
    return unreadable;
  }
}

/** Postgres stores no NUL and no half of a surrogate pair, which a cut may leave. */
const text = (value: unknown): string | null =>
  typeof value === 'string' ? value.replaceAll('\0', '').slice(0, longestText).toWellFormed() : null;
