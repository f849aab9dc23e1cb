import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncApiDocument, messageSchemaOf, topics, type JsonSchema, type Topic } from '@landfall/contracts';
import { readDescriptions, type Description } from './docstrings';
import { indexPage, type DescribedTopic } from './index.page';
import { textOf, type Documents } from './documents';

/** Where they lie, from the root of the repository. */
export const messagesDir = 'docs/reference/messages';
export const publicDocument = `${messagesDir}/asyncapi.json`;
export const innerDocument = `${messagesDir}/inner.asyncapi.json`;

/** The AsyncAPI documents of the public and of the inner topics, a JSON Schema of each public message, and the page that leads through them. */
export function messageDocuments(repository: string): Documents {
  const contracts = join(repository, 'libs/contracts');
  const descriptions = readDescriptions(join(contracts, 'src'));
  const [open, inner] = [topics.filter(({ isPublic }) => isPublic), topics.filter(({ isPublic }) => !isPublic)];
  const documents: [string, string][] = [
    [publicDocument, textOf(describeDocument(asyncApiDocument(open), descriptions))],
    [innerDocument, textOf(describeDocument(asyncApiDocument(inner), descriptions))],
    [`${messagesDir}/README.md`, indexPage(open.map((topic) => describedTopic(topic, contracts, descriptions)))],
  ];
  for (const definition of open.flatMap((topic) => [...topic.definitions.values()])) {
    const schema = describeMessage(messageSchemaOf(definition), descriptions.get(definition.type));
    documents.push([`${messagesDir}/schemas/${definition.type}.json`, textOf(schema)]);
  }
  return new Map(documents);
}

function describedTopic(topic: Topic, contracts: string, descriptions: ReadonlyMap<string, Description>): DescribedTopic {
  const messages = [...topic.definitions.values()].map((definition) => ({
    type: definition.type,
    text: descriptions.get(definition.type)?.text ?? '',
    example: readFileSync(join(contracts, 'examples', `${definition.type}.json`), 'utf8').trim(),
    schema: describeMessage(messageSchemaOf(definition), descriptions.get(definition.type)),
  }));
  return { name: topic.name, isCompacted: topic.isCompacted, messages };
}

function describeDocument(document: JsonSchema, descriptions: ReadonlyMap<string, Description>): JsonSchema {
  const { messages } = document['components'] as { messages: Record<string, { payload: JsonSchema }> };
  const described = Object.entries(messages).map(([type, message]) => {
    const description = descriptions.get(type);
    return [type, { ...message, description: description?.text, payload: describeMessage(message.payload, description) }];
  });
  return { ...document, components: { messages: Object.fromEntries(described) } };
}

/** Adds what the sources say of the data's fields to the schema of a message. */
function describeMessage(schema: JsonSchema, description: Description | undefined): JsonSchema {
  if (!description) return schema;
  const properties = schema['properties'] as Record<string, JsonSchema>;
  const data = describeFields(properties['data']!, '', description.fields);
  return { ...schema, description: description.text, properties: { ...properties, data } };
}

function describeFields(schema: JsonSchema, path: string, fields: ReadonlyMap<string, string>): JsonSchema {
  const described: JsonSchema = { ...schema };
  const text = fields.get(path);
  if (text && !described['description']) described['description'] = text;
  for (const [word, inner] of Object.entries(schema)) {
    if (word === 'properties')
      described[word] = Object.fromEntries(
        Object.entries(inner as Record<string, JsonSchema>).map(([name, field]) => [
          name,
          describeFields(field, path ? `${path}.${name}` : name, fields),
        ]),
      );
    // a variant or an item is about the same field: its text stands once, above
    if (word === 'items') described[word] = describeFields(inner as JsonSchema, path, without(fields, path));
    if (word === 'anyOf') described[word] = (inner as JsonSchema[]).map((one) => describeFields(one, path, without(fields, path)));
  }
  return described;
}

const without = (fields: ReadonlyMap<string, string>, path: string): ReadonlyMap<string, string> =>
  new Map([...fields].filter(([at]) => at !== path));
