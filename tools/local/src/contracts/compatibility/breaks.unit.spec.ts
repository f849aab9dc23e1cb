import { z } from 'zod';
import { asyncApiDocument, defineMessage, defineTopic, type Topic } from '@landfall/contracts';
import { breaksOf, type Use } from './breaks';
import { breaksOfDocuments } from './document.breaks';
import type { Schema } from './schema.misfits';

const schemaOf = (schema: z.ZodType): Schema => z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
const before = z.object({
  name: z.string().max(20),
  seats: z.int().positive().nullable(),
  state: z.enum(['open', 'closed']),
  note: z.string().optional(),
  owner: z.object({ id: z.string() }),
  tags: z.array(z.object({ key: z.string() })),
});

/** What a change of `before` breaks, for each use. */
const changes: { change: string; after: z.ZodType; published: string[]; accepted: string[] }[] = [
  { change: 'nothing', after: before, published: [], accepted: [] },
  { change: 'a new optional field', after: before.extend({ more: z.string().optional() }), published: [], accepted: [] },
  { change: 'a new required field', after: before.extend({ more: z.string() }), published: [], accepted: ['more is new and required'] },
  { change: 'a field removed', after: before.omit({ name: true }), published: ['name was removed'], accepted: [] },
  { change: 'an optional field removed', after: before.omit({ note: true }), published: ['note was removed'], accepted: [] },
  { change: 'a field made optional', after: before.partial({ name: true }), published: ['name may now be absent'], accepted: [] },
  { change: 'a field made required', after: before.required({ note: true }), published: [], accepted: ['note is now required'] },
  {
    change: 'a field made nullable',
    after: before.extend({ name: z.string().max(20).nullable() }),
    published: ['name may now be null'],
    accepted: [],
  },
  {
    change: 'null no longer foreseen',
    after: before.extend({ seats: z.int().positive() }),
    published: [],
    accepted: ['seats may no longer be null'],
  },
  {
    change: 'another type',
    after: before.extend({ name: z.int() }),
    published: ['name may now be integer'],
    accepted: ['name may no longer be string'],
  },
  {
    change: 'a type widened',
    after: before.extend({ seats: z.number().positive().nullable() }),
    published: ['seats may now be number'],
    accepted: [],
  },
  {
    change: 'a union instead of one type',
    after: before.extend({ name: z.union([z.string().max(20), z.boolean()]) }),
    published: ['name may now be boolean'],
    accepted: [],
  },
  {
    change: 'a value added',
    after: before.extend({ state: z.enum(['open', 'closed', 'lost']) }),
    published: ['state may now be "lost"'],
    accepted: [],
  },
  {
    change: 'a value removed',
    after: before.extend({ state: z.enum(['open']) }),
    published: [],
    accepted: ['state may no longer be "closed"'],
  },
  {
    change: 'any text instead of a list',
    after: before.extend({ state: z.string() }),
    published: ['state may now be any string'],
    accepted: [],
  },
  {
    change: 'a wider bound',
    after: before.extend({ name: z.string().max(30) }),
    published: ['name may now be maxLength 30'],
    accepted: [],
  },
  {
    change: 'a narrower bound',
    after: before.extend({ name: z.string().max(10) }),
    published: [],
    accepted: ['name may no longer be maxLength 20'],
  },
  {
    change: 'a field inside removed',
    after: before.extend({ owner: z.object({}) }),
    published: ['owner.id was removed'],
    accepted: [],
  },
  {
    change: 'a field in a list made nullable',
    after: before.extend({ tags: z.array(z.object({ key: z.string().nullable() })) }),
    published: ['tags[].key may now be null'],
    accepted: [],
  },
];

describe.each(changes)('$change', ({ after, published, accepted }) => {
  const cases: [Use, string[]][] = [
    ['published', published],
    ['accepted', accepted],
    ['kept', [...published, ...accepted]],
  ];
  it.each(cases)('of what is %s breaks as it should', (use, expected) => {
    expect(breaksOf(schemaOf(before), schemaOf(after), use)).toEqual(expected);
  });
});

it('names a field that is refused from now on, where unknown fields are forbidden', () => {
  const strict = z.strictObject({ name: z.string(), note: z.string().optional() });
  expect(breaksOf(schemaOf(strict), schemaOf(strict.omit({ note: true })), 'accepted')).toEqual(['note is no longer taken']);
});

it('reads nullable as OpenAPI 3.0 writes it', () => {
  const text = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
  const nullable = { ...text, properties: { name: { type: 'string', nullable: true } } };
  expect([breaksOf(text, nullable, 'published'), breaksOf(nullable, text, 'published')]).toEqual([['name may now be null'], []]);
});

describe('documents', () => {
  const path = (name: string) => `docs/reference/messages/${name}`;
  const documentsOf = (open: Topic[], inner: Topic[] = []) =>
    new Map([
      [path('asyncapi.json'), JSON.stringify(asyncApiDocument(open))],
      [path('inner.asyncapi.json'), JSON.stringify(asyncApiDocument(inner))],
    ]);
  const added = defineMessage('landfall.ledger.added.v1', z.object({ subscriptionId: z.string(), amount: z.int() }));
  const addedText = Object.assign((data: never) => added(data), {
    ...added,
    schema: z.object({ subscriptionId: z.string(), amount: z.string() }),
  });
  const addedNext = defineMessage('landfall.ledger.added.v2', z.object({ subscriptionId: z.string(), amount: z.string() }));
  const topicOf = (...definitions: unknown[]) =>
    defineTopic('landfall.ledger.events.v1', definitions as (typeof added)[], { isPublic: true, writers: ['ledger'] }) as unknown as Topic;
  const known = documentsOf([topicOf(added)]);

  it('may have a new version beside the old one, and a new topic', () => {
    expect(breaksOfDocuments(known, documentsOf([topicOf(added, addedNext)]))).toEqual([]);
    expect(breaksOfDocuments(new Map(), known)).toEqual([]);
  });

  it('name the message whose field changed', () => {
    expect(breaksOfDocuments(known, documentsOf([topicOf(addedText)]))).toEqual([
      'landfall.ledger.added.v1: data.amount may no longer be integer',
      'landfall.ledger.added.v1: data.amount may now be string',
    ]);
  });

  it('may not lose a message or a topic, nor hide it', () => {
    expect(breaksOfDocuments(known, documentsOf([topicOf(addedNext)]))).toEqual([
      'landfall.ledger.added.v1: the message was removed from landfall.ledger.events.v1',
    ]);
    expect(breaksOfDocuments(known, documentsOf([]))).toEqual(['landfall.ledger.events.v1: the topic was removed']);
    expect(breaksOfDocuments(known, documentsOf([], [topicOf(added)]))).toEqual(['landfall.ledger.events.v1: it is no longer public']);
    expect(breaksOfDocuments(documentsOf([], [topicOf(added)]), known)).toEqual([]);
  });
});
