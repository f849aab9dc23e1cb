/** A JSON Schema as zod makes it: of draft 7, 2020-12 or OpenAPI 3.0. */
export type Schema = Readonly<Record<string, unknown>>;

/** Something that may be written by one schema and is not foreseen by another. */
export interface Misfit {
  /** The field: `data.term.endDate`. */
  readonly path: string;
  /** `removed`: it is not written any more. `absent`: it may be missing where the reader needs it. `value`: a value, kind or size that the reader does not know. */
  readonly kind: 'removed' | 'absent' | 'value' | 'unnamed';
  /** The value, kind or limit that it is about. */
  readonly detail: string;
}

const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** What can't be compared is the same or a misfit. */
const exactly = ['pattern', 'format', 'multipleOf', 'uniqueItems', 'not', 'prefixItems', 'patternProperties', 'contentEncoding', '$ref'];

/**
 * What may be written by `written` that a reader who knows `read` does not expect. A field that the reader does not know is passed over, unless `read` forbids it
 * (`additionalProperties: false`) and `isStrict` says that this reader looks.
 */
export function misfitsOf(written: Schema, read: Schema, isStrict: boolean, path = ''): Misfit[] {
  const readers = variantsOf(read);
  return variantsOf(written).flatMap((variant) => {
    const tries = readers.map((reader) => misfitsOfVariant(variant, reader, isStrict, path));
    if (tries.some((found) => found.length === 0)) return [];
    const alike = readers.findIndex((reader) => isAlike(variant, reader));
    return alike >= 0 ? tries[alike]! : [{ path, kind: 'value' as const, detail: kindOf(variant) }];
  });
}

function misfitsOfVariant(written: Schema, read: Schema, isStrict: boolean, path: string): Misfit[] {
  if (!isAlike(written, read)) return [{ path, kind: 'value', detail: kindOf(written) }];
  const values = valuesOf(read);
  if (values) {
    const given = valuesOf(written);
    if (!given) return [{ path, kind: 'value', detail: `any ${kindOf(written)}` }];
    return given.filter((value) => !values.includes(value)).map((detail) => ({ path, kind: 'value', detail }));
  }
  return [
    ...limitsOf(written, read, path),
    ...fieldsOf(written, read, isStrict, path),
    ...(isSchema(read['items']) ? misfitsOf(asSchema(written['items']), read['items'], isStrict, `${path}[]`) : []),
  ];
}

function limitsOf(written: Schema, read: Schema, path: string): Misfit[] {
  const tooSmall = lowerBounds.filter((word) => isWorse(written[word], read[word], (given, limit) => given < limit));
  const tooLarge = upperBounds.filter((word) => isWorse(written[word], read[word], (given, limit) => given > limit));
  const other = exactly.filter((word) => read[word] !== undefined && JSON.stringify(written[word]) !== JSON.stringify(read[word]));
  return [...tooSmall, ...tooLarge, ...other].map((word) => ({
    path,
    kind: 'value',
    detail: `${word} ${JSON.stringify(written[word] ?? 'none')}`,
  }));
}

function isWorse(given: unknown, limit: unknown, isBeyond: (given: number, limit: number) => boolean): boolean {
  if (limit === undefined || limit === false) return false;
  return typeof given === 'number' && typeof limit === 'number' ? isBeyond(given, limit) : given !== limit;
}

function fieldsOf(written: Schema, read: Schema, isStrict: boolean, path: string): Misfit[] {
  const [given, known] = [propertiesOf(written), propertiesOf(read)];
  const [always, needed] = [requiredOf(written), requiredOf(read)];
  const rest = read['additionalProperties'];
  const unnamed = Object.keys(given).filter((name) => !(name in known) && isStrict && rest === false);
  return [
    ...Object.keys(known)
      .filter((name) => !(name in given))
      .map((name): Misfit => ({ path: at(path, name), kind: 'removed', detail: needed.has(name) ? 'needed' : 'optional' })),
    ...Object.entries(known).flatMap(([name, schema]) => (name in given ? misfitsOf(given[name]!, schema, isStrict, at(path, name)) : [])),
    ...[...needed]
      .filter((name) => name in given && !always.has(name))
      .map((name): Misfit => ({ path: at(path, name), kind: 'absent', detail: name })),
    ...unnamed.map((name): Misfit => ({ path: at(path, name), kind: 'unnamed', detail: name })),
    ...(isSchema(rest) && isSchema(written['additionalProperties'])
      ? misfitsOf(written['additionalProperties'], rest, isStrict, at(path, '*'))
      : []),
  ];
}

/** The kinds of which a value may be: the members of a union, and null by itself. */
function variantsOf(schema: Schema): Schema[] {
  const { anyOf, oneOf, nullable, type, ...rest } = schema;
  const union = (anyOf ?? oneOf) as Schema[] | undefined;
  const ofUnion = union ? union.flatMap((one) => variantsOf({ ...rest, ...one })) : undefined;
  const ofTypes = (Array.isArray(type) ? type : [type]).map((one) => (one === undefined ? rest : { ...rest, type: one as string }));
  return [...(ofUnion ?? ofTypes), ...(nullable === true ? [{ type: 'null' }] : [])];
}

function isAlike(written: Schema, read: Schema): boolean {
  const [given, known] = [typeOf(written), typeOf(read)];
  if (known === 'anything') return true;
  return given === known || (given === 'integer' && known === 'number');
}

function typeOf(schema: Schema): string {
  if (typeof schema['type'] === 'string') return schema['type'];
  const [value] = (schema['enum'] as unknown[] | undefined) ?? ('const' in schema ? [schema['const']] : []);
  if (value !== undefined) return value === null ? 'null' : Number.isInteger(value) ? 'integer' : typeof value;
  return schema['properties'] ? 'object' : 'anything';
}

const kindOf = (schema: Schema): string => valuesOf(schema)?.join(', ') ?? typeOf(schema);
const valuesOf = (schema: Schema): string[] | undefined => {
  const values = (schema['enum'] as unknown[] | undefined) ?? ('const' in schema ? [schema['const']] : undefined);
  return values?.map((value) => JSON.stringify(value));
};
const propertiesOf = (schema: Schema): Record<string, Schema> => (schema['properties'] ?? {}) as Record<string, Schema>;
const requiredOf = (schema: Schema): Set<string> => new Set((schema['required'] ?? []) as string[]);
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const asSchema = (value: unknown): Schema => (isSchema(value) ? value : {});
const at = (path: string, name: string): string => (path ? `${path}.${name}` : name);
