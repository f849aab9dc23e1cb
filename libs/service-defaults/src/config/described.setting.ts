import { hostname } from 'node:os';
import type { z } from 'zod';

/** One setting, for the reference of settings. */
export interface DescribedSetting {
  readonly name: string;
  /** As it would be written in the environment; null where there is none. */
  readonly fallback: string | null;
  /** A service does not start without it. */
  readonly isRequired: boolean;
  /** What it may be, in the words that whoever gives something else is told. */
  readonly allowed: string;
  /** Its value is never printed. */
  readonly isSecret: boolean;
}

/** Texts that hardly any setting allows: what one of them is told says what it does allow. */
const ALLOWED_NOWHERE = ['?', ' , '];
const SECRET = /(?:SECRET|PASSWORD|SIGNING_KEYS|SSL_KEY|DATABASE_URL)$/;

const formats: Readonly<Record<string, string>> = { guid: 'a GUID', date: 'a date', datetime: 'an instant with its offset' };

/** What the schemas of settings say of themselves. */
export const describeSettings = (shape: Readonly<Record<string, z.ZodType>>): DescribedSetting[] =>
  Object.entries(shape).map(([name, schema]) => ({
    name,
    fallback: fallbackOf(schema),
    isRequired: !schema.safeParse(undefined).success,
    allowed: allowedBy(schema),
    isSecret: SECRET.test(name),
  }));

/** Through what was put around the schema: it is optional, refined, or given a default. */
function fallbackOf(schema: z.ZodType): string | null {
  const { defaultValue, innerType, in: input } = schema.def as { defaultValue?: unknown; innerType?: z.ZodType; in?: z.ZodType };
  if (defaultValue === hostname()) return 'the name of the host';
  if (defaultValue !== undefined) return String(defaultValue).trim() || null;
  const inner = innerType ?? input;
  return inner ? fallbackOf(inner) : null;
}

function allowedBy(schema: z.ZodType): string {
  const refused = ALLOWED_NOWHERE.map((text) => schema.safeParse(text)).find(({ success }) => !success);
  if (!refused?.error) return 'any text';
  return [...new Set(refused.error.issues.flatMap(wordsOf))]
    .join(' or ')
    .replace(/^it must be /, '')
    .replace(/^"[^"]*" is no /, 'a ');
}

function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(wordsOf);
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid')) return [`one of ${issue.values.join(', ')}`];
  return [(issue.code === 'invalid_format' && formats[issue.format]) || issue.message];
}
