import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemas } from '@asyncapi/specs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { asyncApiDocument } from './asyncapi';
import type { JsonSchema } from './json-schema';
import { topics } from './topics/topics';

/** `meta: false`: the official schema brings its own copy of draft 7, and ajv knows one already. */
const accepts = addFormats(new Ajv({ strict: false, allErrors: true, logger: false, meta: false, validateSchema: false })).compile(
  schemas['3.0.0'],
);

const kept = (name: string): JsonSchema =>
  JSON.parse(readFileSync(join(__dirname, '../../../docs/reference/messages', name), 'utf8')) as JsonSchema;

describe('asyncApiDocument', () => {
  it.each([
    ['of the public topics', asyncApiDocument()],
    ['of all topics', asyncApiDocument(topics)],
    ['as products find it', kept('asyncapi.json')],
    ['of the inner topics, as it is kept', kept('inner.asyncapi.json')],
  ])('%s holds by the official schema of AsyncAPI 3.0', (_which, document) => {
    expect(accepts(document) || accepts.errors).toBe(true);
  });

  it('breaks the official schema as soon as a channel has no address that is text', () => {
    const document = asyncApiDocument();
    const broken = { ...document, channels: { one: { address: 1 } } };
    expect(accepts(broken)).toBe(false);
  });

  it('points nowhere outside of itself', () => {
    const document = asyncApiDocument(topics);
    for (const pointer of pointersOf(document)) expect({ pointer, found: isIn(document, pointer) }).toEqual({ pointer, found: true });
  });

  it('tells products of public topics alone, and which of them they write', () => {
    const { channels, operations } = asyncApiDocument() as { channels: object; operations: Record<string, { action: string }> };
    expect(Object.keys(channels)).toEqual(topics.filter((topic) => topic.isPublic).map((topic) => topic.name));
    expect(Object.keys(operations).filter((name) => operations[name]!.action === 'receive')).toEqual([
      'receive:landfall.provisioning.replies.v1',
      'receive:landfall.usage.v1',
    ]);
  });
});

function pointersOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([word, inner]) => (word === '$ref' ? [String(inner)] : pointersOf(inner)));
}

function isIn(document: unknown, pointer: string): boolean {
  let place: unknown = document;
  for (const step of pointer.replace(/^#\//, '').split('/')) place = (place as Record<string, unknown> | undefined)?.[step];
  return place !== undefined;
}
