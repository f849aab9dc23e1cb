import { z } from 'zod';

/**
 * How Microsoft's values are read (contract 3.1 to 3.10): padded texts are trimmed, absent, null and '' all mean "left out", enums are
 * open, dates without a zone are UTC. A value of a wrong kind is an error all the same: guessing would put a wrong fact on record.
 */

const isLeftOut = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** A reader for one value; `undefined` from `read` marks it as unreadable, and zod then names its path. */
function value<T>(expected: string, read: (raw: unknown) => T | undefined) {
  return z
    .unknown()
    .optional() // so that zod asks us about an absent property, too
    .transform((raw, context): T => {
      const result = read(raw);
      if (result !== undefined) return result;
      context.issues.push({ code: 'custom', message: `is not ${expected}`, input: undefined });
      return z.NEVER;
    });
}

function readText(raw: unknown): string | undefined {
  if (isLeftOut(raw)) return '';
  if (typeof raw === 'string') return isStorable(raw) ? raw.trim() : undefined;
  return typeof raw === 'number' ? String(raw) : undefined;
}

/** Postgres takes neither NUL nor half a letter. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** For words that are shown alone: a replacement stands where something can't be stored, since nothing is decided by them. */
export const shown = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

const readShown = (raw: unknown): string | undefined => readText(typeof raw === 'string' ? shown(raw) : raw);
const nullIfEmpty = (read: string | undefined): string | null | undefined => (read === '' ? null : read);

/** '' where Microsoft left it out. */
export const text = value('a text', readText);

/** Null where Microsoft left it out. */
export const textOrNull = value('a text', (raw) => nullIfEmpty(readText(raw)));

/** What people typed to be shown, such as a name; '' where Microsoft left it out. */
export const shownText = value('a text', readShown);

/** The same; null where Microsoft left it out. */
export const shownTextOrNull = value('a text', (raw) => nullIfEmpty(readShown(raw)));

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** In lower case, as Postgres compares them; undefined when it is no GUID. */
export function readGuid(raw: unknown): string | undefined {
  const guid = typeof raw === 'string' ? raw.trim().toLowerCase() : '';
  return guidPattern.test(guid) ? guid : undefined;
}

export const guid = value('a GUID', readGuid);

function readFlag(raw: unknown): boolean | null | undefined {
  if (isLeftOut(raw)) return null;
  if (typeof raw === 'boolean') return raw;
  const word = typeof raw === 'string' ? raw.trim().toLowerCase() : '';
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Null where Microsoft left it out. */
export const flagOrNull = value('true or false', readFlag);

export const flag = (fallback: boolean) => flagOrNull.transform((read) => read ?? fallback);

/** What a column of Postgres takes; Microsoft sells a million seats at most (contract 1.4). */
const MOST_STORED = 2_147_483_647;

/** Null where absent, null, '' or 0: flat rate, or left out; a number may come as text (contract 3.2, 4.3). Never negative, never a fraction. */
export const seats = value('a number of seats', (raw) => {
  const count = readNumber(raw);
  if (count === undefined || count === null) return count;
  if (!Number.isSafeInteger(count) || count < 0 || count > MOST_STORED) return undefined;
  return count === 0 ? null : count;
});

/** How many; 0 as well. Never left out. */
export const count = value('a number of something', (raw) => {
  const read = readNumber(raw);
  return typeof read === 'number' && Number.isSafeInteger(read) && read >= 0 ? read : undefined;
});

export const amount = value('a number', readNumber);

function readNumber(raw: unknown): number | null | undefined {
  if (isLeftOut(raw)) return null;
  const number = typeof raw === 'string' && /^[-+]?\d+(\.\d+)?$/.test(raw.trim()) ? Number(raw) : raw;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The same as plain decimal text, without an exponent: amounts of usage are exact. Null where left out. */
export const decimalText = value('a number', (raw) => {
  const read = readNumber(raw);
  return typeof read === 'number' ? plainDecimal(read) : read;
});

/** The shortest decimal text that is read as this number, written out. */
export function plainDecimal(number: number): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(number)) ?? [];
  const point = whole.length + Number(exponent);
  const digits = `${'0'.repeat(Math.max(0, 1 - point))}${whole}${fraction}`.padEnd(point, '0');
  const at = Math.max(1, point);
  return `${sign}${digits.slice(0, at)}${digits.length > at ? `.${digits.slice(at)}` : ''}`;
}

/** ISO 8601 in UTC to the millisecond; null where left out, for .NET's empty date, `0001-01-01T00:00:00`, and for what a zone moves out of the four-digit years. */
export const instant = value('a date and time', readInstant);

/** A calendar day in UTC. Older samples show bare days, newer ones midnight UTC (contract 3.2). */
export const day = value('a day', (raw) => {
  const read = readInstant(raw);
  return read ? read.slice(0, 'yyyy-mm-dd'.length) : read;
});

const dateTimePattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d+)?\s?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** .NET's last date says it. Behind it a zone leads to a year of five digits, which neither Postgres nor a reader of ours takes. */
const LAST_YEAR = 9999;

function readInstant(raw: unknown): string | null | undefined {
  if (isLeftOut(raw)) return null;
  const parts = typeof raw === 'string' ? dateTimePattern.exec(raw.trim()) : null;
  if (!parts) return undefined;
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = parts;
  if (date?.startsWith('0001-')) return null;
  const offset = zone.toUpperCase() === 'Z' || zone.includes(':') ? zone.toUpperCase() : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const parsed = new Date(`${date}T${time}${fraction.slice(0, '.123'.length)}${offset}`);
  if (Number.isNaN(parsed.getTime())) return undefined;
  const year = parsed.getUTCFullYear();
  return year < 0 || year > LAST_YEAR ? null : parsed.toISOString();
}

const whereLeftOut = (instead: unknown) =>
  z
    .unknown()
    .optional()
    .transform((raw) => (isLeftOut(raw) ? instead : raw));

type Said<T> = { readonly [Key in keyof T]?: Exclude<T[Key], null> };

/** What was said alone: a property that is null was left out, and is absent. */
export const said = <T extends object>(raw: T): Said<T> =>
  Object.fromEntries(Object.entries(raw).filter(([, read]) => read !== null)) as Said<T>;

/** As `said`; null where nothing was said at all. */
export function saidOrNull<T extends object>(raw: T): Said<T> | null {
  const found = said(raw);
  return Object.keys(found).length > 0 ? found : null;
}

/** A list that is absent, null or '' has no items. */
export const list = <T extends z.ZodType>(item: T) => whereLeftOut([]).pipe(z.array(item));

/** An object that is absent, null or '' counts as an empty one. Properties that nobody knows are dropped. */
export const part = <T extends z.ZodRawShape>(shape: T) => whereLeftOut({}).pipe(z.object(shape));
