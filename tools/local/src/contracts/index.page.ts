import type { JsonSchema } from '@landfall/contracts';
import { table } from './table';

export interface DescribedMessage {
  readonly type: string;
  readonly text: string;
  /** JSON, as it lies on Kafka. */
  readonly example: string;
  readonly schema: JsonSchema;
}

export interface DescribedTopic {
  readonly name: string;
  readonly isCompacted: boolean;
  readonly messages: readonly DescribedMessage[];
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly isAlways: boolean;
  readonly text: string;
}

/** What each topic is for: the one thing that its messages can't tell. */
const purposes: Readonly<Record<string, string>> = {
  'landfall.subscription.events.v1': 'What happened to a subscription. Every product reads it.',
  'landfall.subscription.snapshots.v1': 'The newest state of every subscription, for a product that starts from the present.',
  'landfall.provisioning.requests.v1': 'What a product with the provisioning adapter `kafka` is asked to do.',
  'landfall.provisioning.replies.v1': 'What such a product answers. Products write it, Landfall reads it.',
  'landfall.usage.v1': 'What the customers of a product have used. Products write it, Landfall reads it.',
  'landfall.billing.events.v1': 'What became of that usage: counted, reported to Microsoft, refused, written off.',
};

const head = `<!-- Made by \`npm run contracts\` from libs/contracts. Change the definitions there, not this page. -->

# Public messages

What a product may read from Kafka, and what it may write. [Consume our events](../../how-to/consume-our-events.md) builds a whole consumer in TypeScript and in
Python; [Provision through Kafka](../../how-to/provision-through-kafka.md) shows a product that makes tenants.

For tools: [asyncapi.json](asyncapi.json) is the AsyncAPI 3.0 document of these topics, and [schemas](schemas) has a JSON Schema (2020-12) of each message, envelope
included. [inner.asyncapi.json](inner.asyncapi.json) describes the topics between Landfall's own services: not for products. A field that you do not know, and a
type that you do not know, is passed over: a version grows by optional fields. Anything else is a new type that ends in \`.v2\`.
Until the first release this may be broken, each time with [a reason](../breaking-changes/README.md).

"Contract" with a number is a section of [Microsoft's contract](../microsoft-contract.md), "rule" with a number a rule of the record in
[ARCHITECTURE.md](../../../ARCHITECTURE.md).

## The envelope

Each message is a CloudEvent 1.0 in structured JSON: the whole envelope is the value of the Kafka record, and its key is the subscription's id.`;

/** One page for people: the topics, the envelope, and each message with the time at which it comes, its own fields and an example. */
export function indexPage(topics: readonly DescribedTopic[]): string {
  const [first] = topics.flatMap(({ messages }) => messages);
  if (!first) throw new Error('no topic is public');
  const events = topics.find(({ name }) => name === 'landfall.subscription.events.v1');
  const shared = events ? sharedFields(events) : [];
  return `${[
    head,
    fieldTable(envelopeFields(first.schema)),
    '## The topics',
    table(
      ['topic', 'for', 'kept'],
      topics.map(({ name, isCompacted }) => [
        `[\`${name}\`](#${anchorOf(name)})`,
        purposes[name] ?? '',
        isCompacted ? 'for ever' : '30 days',
      ]),
    ),
    '## The state of a subscription',
    'These fields are in the data of every event and snapshot, so that no second question is needed. Each event below names only what it has beside them.',
    fieldTable(shared),
    ...topics.map((topic) => topicSection(topic, shared)),
  ].join('\n\n')}\n`;
}

function topicSection(topic: DescribedTopic, shared: readonly Field[]): string {
  const names = new Set(shared.map(({ name }) => name));
  const hasState = ({ schema }: DescribedMessage) =>
    shared.length > 0 && shared.every(({ name }) => dataFields(schema).some((field) => field.name === name));
  const messages = topic.messages.map((message) => {
    const fields = dataFields(message.schema).filter(({ name }) => !hasState(message) || !names.has(name));
    return [
      `### ${shortName(message.type)}`,
      `\`${message.type}\` ([schema](schemas/${message.type}.json))`,
      message.text,
      fields.length > 0 ? fieldTable(fields) : 'The state of the subscription and nothing else.',
      `<details><summary>Example</summary>\n\n\`\`\`json\n${message.example}\n\`\`\`\n\n</details>`,
    ].join('\n\n');
  });
  return [`## ${topic.name}`, purposes[topic.name] ?? '', messageList(topic), ...messages].filter(Boolean).join('\n\n');
}

const messageList = ({ messages }: DescribedTopic): string =>
  table(
    ['message', 'comes when'],
    messages.map(({ type, text }) => [`[${shortName(type)}](#${anchorOf(shortName(type))})`, firstSentence(text)]),
  );

/** What every message of the topic has, described alike. */
function sharedFields({ messages }: DescribedTopic): Field[] {
  const [first, ...others] = messages.map(({ schema }) => dataFields(schema));
  return (first ?? []).filter((field) =>
    others.every((fields) => fields.some(({ name, type }) => name === field.name && type === field.type)),
  );
}

/** Of any message: what the envelope of one says of itself is told in general. */
const envelopeFields = (schema: JsonSchema): Field[] =>
  fieldsOf(schema).map((field) => {
    if (field.name === 'type') return { ...field, type: 'text', text: 'What happened, with its version.' };
    return field.name === 'data' ? { ...field, type: 'object', text: 'What the message says: the tables below.' } : field;
  });

const dataFields = (schema: JsonSchema): Field[] => fieldsOf((schema['properties'] as Record<string, JsonSchema>)['data']!);

function fieldsOf(schema: JsonSchema): Field[] {
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  return Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).map(([name, field]) => ({
    name,
    type: typeOf(field),
    isAlways: required.has(name),
    text: typeof field['description'] === 'string' ? field['description'] : '',
  }));
}

/** In words: `text`, `number`, `text or null`, `"full"`, `{ planId, quantity }`. */
export function typeOf(schema: JsonSchema): string {
  const variants = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (variants) return variants.map(typeOf).join(' or ');
  if (Array.isArray(schema['type'])) return schema['type'].map((type) => typeOf({ ...schema, type })).join(' or ');
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(', ');
  switch (schema['type']) {
    case 'string':
      return schema['format'] === 'date-time'
        ? 'instant'
        : schema['format'] === 'date'
          ? 'day'
          : schema['format'] === 'uuid'
            ? 'uuid'
            : 'text';
    case 'integer':
      return 'number';
    case 'array':
      return `list of ${typeOf((schema['items'] ?? {}) as JsonSchema)}`;
    case 'object':
      return `{ ${Object.keys((schema['properties'] ?? {}) as object).join(', ')} }`;
    default:
      return typeof schema['type'] === 'string' ? schema['type'] : 'anything';
  }
}

const fieldTable = (fields: readonly Field[]): string =>
  table(
    ['field', 'is', ''],
    fields.map(({ name, type, isAlways, text }) => [`\`${name}\``, isAlways ? type : `${type}; may be absent`, text]),
  );

const shortName = (type: string): string => type.replace(/^landfall\.[a-z]+\./, '').replace(/\.v1$/, '');
/** As GitHub and its kin make it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, '.') ?? text;
