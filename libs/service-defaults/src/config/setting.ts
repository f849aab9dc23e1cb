import { isIP } from 'node:net';
import { Networks } from '@landfall/http-server';
import { z } from 'zod';

/** How one setting is read: a zod schema over the string in the environment. */
export type Setting<T> = z.ZodType<T, string | undefined>;

/** Settings whose given value an error may repeat. All others are hidden: a refined or renamed secret must not become visible. */
const SHOWN = new WeakSet<object>();
const HIDDEN_BY_NAME = /SECRET|PASSWORD|TOKEN|CREDENTIAL|PRIVATE/;
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);
const DURATION = /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const UNIT_MS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1_000];

/** True where a connection to the host cannot leave the machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_HOSTS.has(host) || /^127(\.\d{1,3}){3}$/.test(host) || host === '::1';
}

/** ISO 8601 duration to milliseconds; undefined where it is none. Months and years are refused, since their length depends on when they begin. */
export function durationMs(text: string): number | undefined {
  const parts = DURATION.exec(text);
  if (!parts) return undefined;
  return Math.round(UNIT_MS.reduce((sum, unitMs, index) => sum + Number(parts[index + 1] ?? 0) * unitMs, 0));
}

/** A duration such as `PT2S`, read as milliseconds. */
export function isoDuration(fallback?: string): Setting<number> {
  return setting(durationMs, 'an ISO 8601 duration such as PT2S, PT15M or P30D', fallback);
}

/** An instant with its offset, read as milliseconds since 1970. */
export function instant(): Setting<number> {
  return setting(
    (text) => (INSTANT.test(text) && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : undefined),
    'an instant with its offset such as 2026-11-01T10:00:00Z',
  );
}

/** An http(s) URL without a trailing slash. Plain http is accepted towards loopback alone; no setting changes that. */
export function url(fallback?: string): Setting<string> {
  return setting(
    (text) => acceptedUrl(text, (parsed) => parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback(parsed.hostname))),
    'an https URL (plain http only towards localhost)',
    fallback,
  );
}

/** A URL that cannot leave this machine. */
export function loopbackUrl(fallback?: string): Setting<string> {
  return setting(
    (text) => acceptedUrl(text, (parsed) => /^https?:$/.test(parsed.protocol) && isLoopback(parsed.hostname)),
    'a URL on localhost',
    fallback,
  );
}

/** A TCP port. 0 lets the system choose a free one. */
export function port(fallback?: number): Setting<number> {
  return setting(
    (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
    'a port from 0 to 65535',
    fallback?.toString(),
  );
}

/** A whole number within bounds, both included. */
export function count(bounds: { min: number; max: number }, fallback?: number): Setting<number> {
  const parse = (text: string) =>
    /^\d{1,9}$/.test(text) && Number(text) >= bounds.min && Number(text) <= bounds.max ? Number(text) : undefined;
  return setting(parse, `a whole number from ${bounds.min} to ${bounds.max}`, fallback?.toString());
}

/** `true` or `false`. */
export function flag(fallback?: boolean): Setting<boolean> {
  return setting((text) => ({ true: true, false: false })[text.toLowerCase()], 'true or false', fallback?.toString());
}

/** Values separated by commas; blanks around them and empty ones are dropped. At least one remains. */
export function list(fallback?: string): Setting<string[]> {
  const parse = (text: string) => {
    const entries = text.split(',').flatMap((entry) => entry.trim() || []);
    return entries.length > 0 ? entries : undefined;
  };
  return setting(parse, 'one or more values separated by commas', fallback);
}

/** Any text; its value is never printed, also where it is wrong. */
export function secret(): Setting<string> {
  return z.string().min(1) as Setting<string>;
}

/**
 * A Postgres connection URL with user and database. It carries a password, so it is never printed. Parameters such as `sslmode=no-verify` or `host` are refused: the
 * driver would let them overrule what DATABASE_SSL and the URL itself say.
 */
export function postgresUrl(): Setting<string> {
  const parse = (text: string) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    const isComplete = parsed && /^postgres(ql)?:$/.test(parsed.protocol) && parsed.username !== '' && parsed.pathname.length > 1;
    return isComplete && [...parsed.searchParams.keys()].every((name) => !/^(ssl|host|port)/.test(name)) ? text : undefined;
  };
  return setting(
    parse,
    'a URL like postgres://user:password@host:5432/database, without parameters for TLS or another host',
    undefined,
    true,
  );
}

/** An IP address of this machine to listen on, or `localhost`. */
export function address(fallback: string): Setting<string> {
  return setting((text) => (isIP(text) || text === 'localhost' ? text : undefined), 'an IP address', fallback);
}

/** IP addresses and networks (`10.0.0.0/8`) separated by commas. Not given: none. */
export function networks(): Setting<Networks> {
  const parse = (text: string) => {
    try {
      return new Networks(text.split(',').flatMap((entry) => entry.trim() || []));
    } catch {
      return undefined; // told with what is allowed
    }
  };
  return setting(parse, 'IP addresses and networks like 10.0.0.0/8, separated by commas', ' ');
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[], fallback?: T): Setting<T> {
  return setting((text) => words.find((word) => word === text), `one of ${words.join(', ')}`, fallback);
}

/**
 * JSON of a form of its own, such as `[{"name":"a"}]`. What is wrong with it is told by place (`[0].name: …`), all of it at once. Its value is never
 * printed: somebody may have put a secret where only the name of a file belongs.
 */
export function json<T>(schema: z.ZodType<T>, fallback?: string): Setting<T> {
  const read = z.string().transform((text, context) => {
    const problems: string[] = [];
    const parsed = jsonOf(text);
    const result = parsed && schema.safeParse(parsed.value);
    if (result?.success) return result.data;
    if (!parsed) problems.push('it must be JSON');
    for (const { path, message } of result?.error.issues ?? []) problems.push(`${placeOf(path)}${message}`);
    for (const message of problems) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
  return (fallback === undefined ? read : read.prefault(fallback)) as unknown as Setting<T>;
}

/** Whether an error may repeat the given value of a setting. */
export function isShown(name: string, schema: z.ZodType): boolean {
  if (HIDDEN_BY_NAME.test(name)) return false;
  const { innerType, in: input } = schema.def as { innerType?: z.ZodType; in?: z.ZodType };
  const inner = innerType ?? input;
  return SHOWN.has(schema) || (inner !== undefined && isShown(name, inner));
}

function setting<T>(parse: (text: string) => T | undefined, allowed: string, fallback?: string, hidden = false): Setting<T> {
  const schema = z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `it must be ${allowed}` });
    return z.NEVER;
  });
  if (!hidden) SHOWN.add(schema);
  if (fallback === undefined) return schema as Setting<T>;
  return schema.prefault(fallback) as unknown as Setting<T>;
}

/** Undefined where the text is no JSON; the parser's own message would repeat a part of it. */
function jsonOf(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '';
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${place.replace(/^\./, '')}: `;
}

function acceptedUrl(text: string, accepts: (parsed: URL) => boolean): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const parsed = new URL(text);
  if (!accepts(parsed) || parsed.username !== '' || parsed.password !== '') return undefined;
  return text.replace(/(?<!\/)\/+$/, '');
}
