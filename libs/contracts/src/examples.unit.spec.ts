import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contracts from './index';
import { decodeMessage, encodeMessage } from './envelope';
import type { Message, MessageDefinition, Topic } from './message';
import { topics } from './topics/topics';

const folder = join(__dirname, '..', 'examples');
const read = (type: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, `${type}.json`), 'utf8'));
const carried = topics.flatMap((topic) => [...topic.definitions.keys()].map((type) => ({ type, topic })));

function decoded(topic: Topic, envelope: unknown): Message {
  const result = decodeMessage(topic, JSON.stringify(envelope));
  if (result.kind !== 'message') throw new Error(`${topic.name}: ${JSON.stringify(result)}`);
  return result.message;
}

describe('golden examples', () => {
  it('stand for every message that a topic carries, and for nothing else', () => {
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const files = entries.map(({ name }) => name.replace(/\.json$/, ''));
    expect(files.sort()).toEqual(carried.map(({ type }) => type).sort());
  });

  it.each(carried)('$type is read, and written again as it was', ({ type, topic }) => {
    const example = read(type);
    expect(JSON.parse(encodeMessage(decoded(topic, example)))).toEqual(example);
  });

  it.each(carried)('$type is read beside optional fields that only a newer writer knows', ({ type, topic }) => {
    const example = read(type);
    const newer = { ...example, addedlater: 'x', data: { ...(example['data'] as object), addedLater: { anything: true } } };
    expect(decoded(topic, newer)).toEqual(decoded(topic, example));
  });

  it.each(carried)('$type has the key that its definition names', ({ type, topic }) => {
    const message = decoded(topic, read(type));
    const { keyField } = topic.definitions.get(type)!;
    expect(message.key).toBe(keyField === null ? read(type)['subject'] : (message.data as Record<string, unknown>)[keyField]);
  });

  it.each(carried)('$type is named as broken, and by field alone, when a field that it needs is missing', ({ type, topic }) => {
    const example = read(type);
    const needed = topic.definitions.get(type)!.keyField ?? 'meter';
    const { [needed]: _missing, ...data } = example['data'] as Record<string, unknown>;
    expect(decodeMessage(topic, JSON.stringify({ ...example, data }))).toEqual({
      kind: 'broken',
      reason: `${type} breaks its contract at ${needed}: invalid_type`,
      id: example['id'],
      key: example['subject'],
    });
  });
});

describe('every message', () => {
  it('that is exported is carried by exactly one topic', () => {
    const defined = Object.values<unknown>(contracts).filter(isDefinition);
    const topicsOf = Object.fromEntries(
      defined.map(({ type }) => [type, topics.filter((topic) => topic.definitions.has(type)).map((topic) => topic.name)]),
    );
    expect(Object.keys(topicsOf)).toHaveLength(carried.length);
    for (const [type, names] of Object.entries(topicsOf)) expect({ type, names }).toEqual({ type, names: [contracts.topicNameOf(type)] });
  });

  it('of the public subscription topics tells its sequence', () => {
    const sequenced = [contracts.subscriptionEvents, contracts.subscriptionSnapshots].flatMap((topic) => [...topic.definitions.keys()]);
    for (const type of sequenced) expect({ type, sequence: read(type)['sequence'] }).toEqual({ type, sequence: expect.any(Number) });
  });
});

function isDefinition(value: unknown): value is MessageDefinition {
  return typeof value === 'function' && 'type' in value && 'schema' in value && 'keyField' in value;
}
