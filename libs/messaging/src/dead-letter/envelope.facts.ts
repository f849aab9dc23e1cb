import { createHash } from 'node:crypto';

/** What stands on the outside of a message. Never its data, which may be about people. */
export interface EnvelopeFacts {
  readonly id: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly time: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
}

const longestFact = 200;
const unreadable: EnvelopeFacts = { id: null, type: null, source: null, time: null, correlationId: null, causationId: null };

/** Reads as much of an envelope as is there: dead letters are often those that can't be decoded. Never throws. */
export function envelopeFacts(value: Buffer): EnvelopeFacts {
  try {
    const envelope: unknown = JSON.parse(value.toString('utf8'));
    if (typeof envelope !== 'object' || envelope === null) return unreadable;
    const { id, type, source, time, correlationid, causationid } = envelope as Record<string, unknown>;
    return {
      id: fact(id),
      type: fact(type),
      source: fact(source),
      time: fact(time),
      correlationId: fact(correlationid),
      causationId: fact(causationid),
    };
  } catch {
    return unreadable;
  }
}

/** Recognises the same bytes elsewhere, after they are gone here. */
export const sha256Of = (value: Buffer): string => createHash('sha256').update(value).digest('hex');

/** Postgres stores no NUL. */
const fact = (value: unknown): string | null => (typeof value === 'string' ? value.replaceAll('\0', '').slice(0, longestFact) : null);
