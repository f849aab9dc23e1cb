import { BadRequestException, StandardSchemaValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];
type Schema = Parameters<StandardSchemaValidationPipe['validate']>[1];

/** So much of what was given is repeated to whoever gave it. */
const SHOWN_CHARACTERS = 60;
/** So many of the values that are allowed are listed. */
const SHOWN_VALUES = 20;

/**
 * Checks what a request brought against the schema of its handler. Errors are for people: which member, what it must be, and what was given, in words of ours.
 * Where a schema has words of its own, they stand.
 */
export class RequestValidation extends StandardSchemaValidationPipe {
  protected override async validate<T>(value: unknown, schema: Schema, options?: Record<string, unknown>) {
    if (!(schema instanceof z.ZodType)) return super.validate<T>(value, schema, options);
    const checked = await schema.safeParseAsync(value, { error: issueInWords });
    return checked.success ? { value: checked.data as T } : { issues: checked.error.issues };
  }
}

const id = z.guid().toLowerCase();

/** Checks a parameter of the path that is an id, and hands it on in lower case, as it is stored. The error names the parameter. */
export class ParseId implements PipeTransform<string, string> {
  transform(value: string, { data: parameter = 'id' }: ArgumentMetadata): string {
    const checked = id.safeParse(value, { error: issueInWords });
    if (!checked.success) throw new BadRequestException(`${parameter}: ${checked.error.issues[0]!.message}`);
    return checked.data;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const formats: Readonly<Record<string, string>> = {
  guid: 'a GUID, such as 0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01',
  uuid: 'a UUID, such as 0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01',
  datetime: 'a moment of ISO 8601 with its zone, such as 2026-01-31T12:00:00Z',
  date: 'a day of ISO 8601, such as 2026-01-31',
  email: 'an e-mail address',
  url: 'an address (URL)',
};

/** What is wrong with one member, without its name; undefined where zod's own words are as good. */
export function issueInWords(issue: Issue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(kinds[issue.expected] ?? issue.expected, input);
    case 'invalid_format':
      return mustBe(formats[issue.format] ?? `of the form ${issue.pattern ?? issue.format}`, input);
    case 'invalid_value':
      return mustBe(oneOf(issue.values), input);
    case 'not_multiple_of':
      return mustBe(`a multiple of ${issue.divisor}`, input);
    case 'too_small':
      if (issue.origin === 'string' && input === '') return 'it must not be empty';
      return bounded(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum, input);
    case 'too_big':
      return bounded(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum, input);
    case 'unrecognized_keys':
      return `there is no ${issue.keys.map((key) => JSON.stringify(shortened(key))).join(', no ')} here: leave it out, or look at how it is spelt`;
    case 'invalid_union':
      return `it has none of the forms that are allowed, and is ${given(input)}`;
    default:
      return undefined;
  }
}

const mustBe = (what: string, input: unknown): string =>
  input === undefined ? `it is missing, and must be ${what}` : `it must be ${what}, and is ${given(input)}`;

function bounded(origin: string, relation: string, bound: number | bigint, input: unknown): string {
  if (origin === 'string') return `it must have ${relation} ${bound} characters, and has ${(input as string).length}`;
  if (origin === 'array') return `it must have ${relation} ${bound} entries, and has ${(input as unknown[]).length}`;
  return `it must be ${relation} ${bound}, and is ${given(input)}`;
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.slice(0, SHOWN_VALUES).map((value) => JSON.stringify(value));
  const rest = values.length > SHOWN_VALUES ? ['another one'] : [];
  return [...shown, ...rest].join(' or ');
}

function given(input: unknown): string {
  if (typeof input === 'string') return JSON.stringify(shortened(input));
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'number' && Number.isNaN(input)) return 'no number'; // a text of the query that is none
  return typeof input === 'object' && input !== null ? 'an object' : String(input);
}

const shortened = (text: string): string => (text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
