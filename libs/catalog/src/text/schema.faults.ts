import { catalogJsonSchema, type JsonSchema } from '@landfall/contracts';
import type { z } from 'zod';
import type { Placed } from './places';

/** One thing that a catalog says and cannot be. `message` goes on after the name of the member. */
export interface Fault extends Placed {
  readonly message: string;
}

const SHOWN_LENGTH = 60;
const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a whole number',
  int: 'a whole number',
  object: 'members',
  record: 'members',
  array: 'a list',
};

/** An issue of the schema in plain words; members that are not known are a fault each. */
export function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], isAboutKey: true, message: `is not known: ${membersAt(path)}` }));
    case 'invalid_key':
      return [{ path, isAboutKey: true, message: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_type':
      return [{ path, isAboutKey: false, message: wrongKind(issue.expected, issue.input) }];
    case 'invalid_value':
      return [{ path, isAboutKey: false, message: wrongValue(issue.values, issue.input) }];
    default:
      return [{ path, isAboutKey: false, message: issue.message }];
  }
}

function wrongKind(expected: string, given: unknown): string {
  if (given === undefined) return 'is missing';
  const wanted = kinds[expected] ?? expected;
  if (given === null)
    return `has nothing behind it: ${wanted === 'members' ? 'write {} where there is nothing to say' : `it must be ${wanted}`}`;
  const quotes = wanted === 'a text' && typeof given !== 'object' ? ': put it in quotes' : '';
  return `must be ${wanted}, and is ${shown(given)}${quotes}`;
}

function wrongValue(values: readonly unknown[], given: unknown): string {
  const allowed = `must be ${values.join(' or ')}`;
  return given === undefined ? `is missing: it ${allowed}` : `${allowed}, and is ${shown(given)}`;
}

function shown(given: unknown): string {
  if (Array.isArray(given)) return 'a list';
  if (typeof given === 'object') return given === null ? 'nothing' : 'a group of members';
  return typeof given === 'string' ? `"${given.slice(0, SHOWN_LENGTH)}"` : String(given);
}

let whole: JsonSchema | undefined; // made once, and only where something is wrong

interface SchemaParts {
  readonly properties?: Record<string, JsonSchema>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
}

/** The members that may stand at a place. */
function membersAt(path: readonly PropertyKey[]): string {
  let schema = (whole ??= catalogJsonSchema());
  for (const part of path) {
    const { properties, additionalProperties, items } = schema as SchemaParts;
    schema = properties?.[String(part)] ?? items ?? (additionalProperties || {});
  }
  return `there may be ${Object.keys((schema['properties'] as object | undefined) ?? {}).join(', ')}`;
}
