import { decimal, instant, meter as meterName, usageRecorded } from '@landfall/contracts';
import { HOUR_MS } from '../ledger/hours';
import { shortestDecimal } from './quantity.domain';
import { numberAsWritten } from './raw.json';
import type { Identified, Refusal, RefusalCode, UsageRecord } from './usage';

/** A record is no longer; what is longer is refused, and so much of it is kept. */
export const RECORD_BYTES = 64 * 1024;
/** Bytes in UTF-8: together they are the key of an index, which Postgres bounds. */
const SOURCE_BYTES = 500;
const ID_BYTES = 200;
/** Clocks of products differ from ours. */
const AHEAD_MS = 5 * 60_000;

export type Reading = { readonly record: UsageRecord } | { readonly refusal: Refusal; readonly identified: Identified };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const unprintable = /[\p{Cc}\p{Cs}]/u;

export const refusal = (code: RefusalCode, reason: string): Refusal => ({ result: 'refused', code, reason });

/** Reads a record of a product: a CloudEvent in structured mode. */
export function readRecord(bytes: Buffer): Reading {
  const parsed = eventOf(bytes);
  if ('refusal' in parsed) return { ...parsed, identified: {} };
  const { event, text } = parsed;
  const identified = identify(event);
  const refused = (code: RefusalCode, reason: string): Reading => ({ refusal: refusal(code, reason), identified });
  const { id, source, subscriptionId } = identified;
  if (event['specversion'] !== '1.0') return refused('no-usage', 'specversion must be "1.0": the event is a CloudEvent in structured mode');
  if (event['type'] !== usageRecorded.type) return refused('no-usage', `type must be ${usageRecorded.type}`);
  if (source === undefined) return refused('no-usage', `source must be a text of 1 to ${SOURCE_BYTES} bytes without control characters`);
  if (id === undefined) return refused('no-usage', `id must be a text of 1 to ${ID_BYTES} bytes without control characters`);
  if (subscriptionId === undefined) return refused('no-usage', 'subject must be the id of a subscription');
  const usedAt = instantOf(event['time']);
  if (usedAt === undefined)
    return refused('no-usage', 'time must be when it was used: ISO 8601 with its zone, such as 2026-01-31T12:00:00Z');
  const data = event['data'];
  if (!isObject(data)) return refused('no-usage', 'data must be an object with meter and quantity');
  const meter = data['meter'];
  if (typeof meter !== 'string' || !meterName.safeParse(meter).success)
    return refused('no-usage', 'data.meter must be a meter of the catalog: up to 100 letters, digits, dots, - and _');
  const quantity = quantityOf(data['quantity'], text);
  if (quantity === undefined) return refused('quantity', quantityRule);
  return { record: { source, id, subscriptionId, meter, usedAt, quantity } };
}

const quantityRule =
  'data.quantity must be a decimal number as text, such as "12.5", or a JSON number without an exponent: at most 15 digits, 6 of them behind the point';

/** Whether a record may still be counted by its time. Undefined: yes. `lateMs`: how late it may come. */
export function refusedByTime({ usedAt }: UsageRecord, now: Date, lateMs: number): Refusal | undefined {
  const ageMs = now.getTime() - Date.parse(usedAt);
  if (ageMs < -AHEAD_MS) return refusal('in-future', 'time is more than 5 minutes in the future');
  if (ageMs > lateMs) return refusal('too-late', `time is longer ago than usage may come late (${lateMs / HOUR_MS} hours)`);
  return undefined;
}

/** By which a record is known: no text of the two holds a line break. */
export const keyOf = ({ source, id }: Pick<UsageRecord, 'source' | 'id'>): string => `${source}\n${id}`;

export const isSame = (one: UsageRecord, other: UsageRecord): boolean =>
  one.subscriptionId === other.subscriptionId &&
  one.meter === other.meter &&
  one.usedAt === other.usedAt &&
  one.quantity === other.quantity;

export const otherContent = refusal(
  'other-content',
  'source and id are those of another record, with other content: a record needs an id of its own',
);

type Event = Readonly<Record<string, unknown>>;

function eventOf(bytes: Buffer): { event: Event; text: string } | { refusal: Refusal } {
  if (bytes.length > RECORD_BYTES)
    return { refusal: refusal('unreadable', `the record has ${bytes.length} bytes, at most ${RECORD_BYTES} are taken`) };
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { event: value, text } : { refusal: notJson };
  } catch {
    return { refusal: notJson };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const notJson = refusal('unreadable', 'the record is not a JSON object in UTF-8');

const isObject = (value: unknown): value is Event => typeof value === 'object' && value !== null && !Array.isArray(value);

function identify(event: Event): Identified {
  const { subject } = event;
  return {
    source: textOf(event['source'], SOURCE_BYTES),
    id: textOf(event['id'], ID_BYTES),
    subscriptionId: typeof subject === 'string' && uuid.test(subject) ? subject.toLowerCase() : undefined,
  };
}

const textOf = (value: unknown, longest: number): string | undefined =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= longest && !unprintable.test(value) ? value : undefined;

function instantOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !instant.safeParse(value).success) return undefined;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** A number counts as it is written: read as a double it may be another one. */
function quantityOf(value: unknown, text: string): string | undefined {
  if (typeof value === 'string') return decimal.safeParse(value).success ? shortestDecimal(value) : undefined;
  return typeof value === 'number' ? shortestDecimal(numberAsWritten(text, 'data', 'quantity') ?? '') : undefined;
}
