import type { Message, MessageOf, Topic } from './message';

/** CloudEvents 1.0, structured mode: the whole envelope is the Kafka value, and this its `content-type` header. */
export const contentType = 'application/cloudevents+json; charset=utf-8';

/** The bytes of a message, as products read them. Attribute names are lower case without hyphens, as CloudEvents 1.0 section 3.1 demands. */
export function encodeMessage(message: Message): string {
  return JSON.stringify({
    specversion: '1.0',
    id: message.id,
    source: message.source,
    type: message.type,
    subject: message.key,
    time: message.time,
    datacontenttype: 'application/json',
    sequence: message.sequence,
    epoch: message.epoch,
    correlationid: message.correlationId,
    causationid: message.causationId,
    traceparent: message.traceparent,
    data: message.data,
  });
}

const typeOfEncoded = /^\{"specversion":"1\.0","id":"[^"\\]*","source":"[^"\\]*","type":"([^"\\]*)"/;

/** The type of what `encodeMessage` wrote, without parsing it; undefined where somebody else wrote it. */
export const encodedType = (envelope: string): string | undefined => typeOfEncoded.exec(envelope)?.[1];

export type Decoded<T extends Topic> =
  | { readonly kind: 'message'; readonly message: MessageOf<T> }
  /** A type that this reader does not know, as a newer writer's, or does not ask for: it is passed over. */
  | { readonly kind: 'unknown'; readonly type: string }
  /** Not JSON, no envelope, or data that breaks its contract. `key` and `id` are given where they could be read. */
  | { readonly kind: 'broken'; readonly reason: string; readonly id?: string; readonly key?: string };

const every = (): boolean => true;

/**
 * Reads one Kafka value by the definitions of its topic. Never throws: what cannot be read is `broken`, with a reason that holds no data. `isAskedFor` says of which
 * types the data is checked; by default of all.
 */
export function decodeMessage<T extends Topic>(
  topic: T,
  value: Uint8Array | string | null,
  isAskedFor: (type: string) => boolean = every,
): Decoded<T> {
  if (value === null) return { kind: 'broken', reason: 'the message has no value' };
  const envelope = parseObject(value);
  if (!envelope) return { kind: 'broken', reason: 'the value is not a JSON object' };
  const { id, type, subject, source, time } = envelope;
  const known = { id: text(id), key: text(subject) };
  if (!known.id || typeof type !== 'string' || !known.key || typeof source !== 'string' || typeof time !== 'string') {
    return { kind: 'broken', reason: 'the envelope lacks id, type, subject, source or time', ...known };
  }
  const definition = isAskedFor(type) ? topic.definitions.get(type) : undefined;
  if (!definition) return { kind: 'unknown', type };
  const data = definition.schema.safeParse(envelope['data']);
  if (!data.success) {
    const fields = data.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'data'}: ${issue.code}`);
    return { kind: 'broken', reason: `${type} breaks its contract at ${fields.join(', ')}`, ...known };
  }
  const message: Message = {
    id: known.id,
    type,
    key: keyAsRead(known.key, definition.keyField === null ? null : (data.data as Record<string, unknown>)[definition.keyField]),
    source,
    time,
    epoch: typeof envelope['epoch'] === 'number' ? envelope['epoch'] : 0,
    correlationId: text(envelope['correlationid']) ?? known.id,
    causationId: text(envelope['causationid']),
    traceparent: text(envelope['traceparent']),
    sequence: typeof envelope['sequence'] === 'number' ? envelope['sequence'] : undefined,
    data: data.data,
  };
  return { kind: 'message', message: message as MessageOf<T> };
}

function parseObject(value: Uint8Array | string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(typeof value === 'string' ? value : Buffer.from(value).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null; // reported by the caller as "not a JSON object"
  }
}

/** The key repeats a field of the data, and is spelt as that one was read: an id in capitals is the same id. */
const keyAsRead = (key: string, field: unknown): string =>
  typeof field === 'string' && field.toLowerCase() === key.toLowerCase() ? field : key;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
