import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { messageSchemaOf, type JsonSchema } from './json-schema';
import { asReason, reason, REASON_LENGTH } from './shapes';
import { topics } from './topics/topics';

const definitions = topics.flatMap((topic) => [...topic.definitions.values()]);
const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
const exampleOf = (type: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(__dirname, '..', 'examples', `${type}.json`), 'utf8'));

describe('messageSchemaOf', () => {
  it.each(definitions)('accepts the example of $type, and it with fields of a newer writer', (definition) => {
    const accepts = ajv.compile(messageSchemaOf(definition));
    const example = exampleOf(definition.type);
    const newer = { ...example, data: { ...(example['data'] as object), addedLater: 1 } };
    expect([accepts(example) || accepts.errors, accepts(newer) || accepts.errors]).toEqual([true, true]);
  });

  it.each(definitions)('rejects $type under another type or without its key', (definition) => {
    const accepts = ajv.compile(messageSchemaOf(definition));
    const example = exampleOf(definition.type);
    const { [definition.keyField ?? 'meter']: _key, ...keyless } = example['data'] as Record<string, unknown>;
    expect([accepts({ ...example, type: 'landfall.other.type.v1' }), accepts({ ...example, data: keyless })]).toEqual([false, false]);
  });
});

describe('the schema of an answer of a product', () => {
  it('refuses the text that its reader refuses, so that a product sees it before us', () => {
    const type = 'landfall.provisioning.tenant-ready.v1';
    const accepts = ajv.compile(messageSchemaOf(definitions.find((definition) => definition.type === type)!));
    const example = exampleOf(type);
    const withReference = (tenantReference: string) => accepts({ ...example, data: { ...(example['data'] as object), tenantReference } });
    expect(['a\ud800b', 'a\0b', 'a\u{1f3e0}b'].map(withReference)).toEqual([false, false, true]);
  });
});

describe('the bound of a text', () => {
  /** Ids and words of Microsoft's and of its identity service, as their answers have them: those are bounded as a whole where they are read. */
  const asTheyCame = new Set([
    ...['publisherId', 'offerId', 'planId', 'privateOfferId', 'operationId', 'tenantId', 'objectId', 'actor'],
    ...['action', 'source', 'termUnit', 'chargeDuration', 'allowedCustomerOperations'],
  ]);
  /** Its pattern ends. */
  const byPattern = new Set(['registration']);

  function unbounded(schema: JsonSchema, name = ''): string[] {
    const { type, properties, items, anyOf, additionalProperties, propertyNames } = schema as Record<string, never>;
    const isBounded =
      ['maxLength', 'format', 'enum', 'const'].some((bound) => bound in schema) || asTheyCame.has(name) || byPattern.has(name);
    return [
      ...(type === 'string' && !isBounded ? [name] : []),
      ...Object.entries<JsonSchema>(properties ?? {}).flatMap(([member, inner]) => unbounded(inner, member)),
      ...[items, additionalProperties, propertyNames, ...(anyOf ?? [])].flatMap((inner) => (inner ? unbounded(inner, name) : [])),
    ];
  }

  it.each(definitions)('is named in $type', (definition) => {
    expect(unbounded((messageSchemaOf(definition)['properties'] as Record<string, JsonSchema>)['data']!)).toEqual([]);
  });

  it('would be missed at any depth, whatever may be null', () => {
    const schema: JsonSchema = { properties: { failure: { properties: { reason: { anyOf: [{ type: 'string' }, { type: 'null' }] } } } } };
    expect(unbounded(schema)).toEqual(['reason']);
  });

  it('is kept by what is passed on, without half a letter at its end', () => {
    expect([asReason('x'.repeat(REASON_LENGTH)), asReason('x'.repeat(REASON_LENGTH + 1))].map((text) => text.length)).toEqual([
      REASON_LENGTH,
      REASON_LENGTH,
    ]);
    expect(asReason(`${'x'.repeat(REASON_LENGTH - 2)}\u{1f3e0}!`)).toBe(`${'x'.repeat(REASON_LENGTH - 2)}…`);
    expect(reason.safeParse(asReason('\u{1f3e0}'.repeat(REASON_LENGTH))).success).toBe(true);
  });
});

describe('personal data', () => {
  /** What a plan is called, for the landing page: no person's name. */
  const aboutProducts = new Set(['displayName']);
  const isPersonal = (field: string) =>
    /mail|name|puid|token|phone|address/i.test(field) && !field.startsWith('encrypted') && !aboutProducts.has(field);

  it('has no field in any message, unless it is encrypted for its receiver', () => {
    const found = definitions.flatMap((definition) =>
      fieldsOf(messageSchemaOf(definition)['properties'] as JsonSchema)
        .filter(isPersonal)
        .map((field) => `${definition.type}: ${field}`),
    );
    expect(found).toEqual([]);
  });

  it('would be found at any depth', () => {
    const nested = {
      data: { anyOf: [{ type: 'null' }, { properties: { people: { items: { properties: { puid: {} } } }, encryptedContact: {} } }] },
    };
    expect(fieldsOf(nested).filter(isPersonal)).toEqual(['puid']);
  });
});

/** The names of all properties in a schema, at any depth. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([word, inner]) =>
    word === 'properties' ? [...Object.keys(inner as object), ...fieldsOf(inner)] : fieldsOf(inner),
  );
}
