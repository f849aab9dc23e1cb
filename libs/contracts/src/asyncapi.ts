import { contentType } from './envelope';
import { keyOf, messageSchemaOf, type JsonSchema } from './json-schema';
import type { MessageDefinition, Topic } from './message';
import { topics } from './topics/topics';

/** The version of Kafka's bindings in AsyncAPI. */
const bindingVersion = '0.5.0';

/**
 * The AsyncAPI 3.0 document of topics, from Landfall's side: it sends what products read. Without an argument it describes the public topics,
 * which is all that a product may build on; pass `topics` to see the inner ones too.
 */
export function asyncApiDocument(of: readonly Topic[] = topics.filter((topic) => topic.isPublic)): JsonSchema {
  const definitions = of.flatMap((topic) => [...topic.definitions.values()]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Landfall',
      version: '1.0.0',
      description:
        'What Landfall publishes about marketplace subscriptions, and what it asks of products. Messages are CloudEvents 1.0 in structured mode.',
    },
    defaultContentType: contentType,
    channels: Object.fromEntries(of.map((topic) => [topic.name, channelOf(topic)])),
    operations: Object.fromEntries(of.map((topic) => [operationNameOf(topic), operationOf(topic)])),
    components: { messages: Object.fromEntries(definitions.map((definition) => [definition.type, messageOf(definition)])) },
  };
}

function channelOf(topic: Topic): JsonSchema {
  return {
    address: topic.name,
    messages: Object.fromEntries([...topic.definitions.keys()].map((type) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: {
      kafka: { topic: topic.name, topicConfiguration: { 'cleanup.policy': [topic.isCompacted ? 'compact' : 'delete'] }, bindingVersion },
    },
  };
}

function operationOf(topic: Topic): JsonSchema {
  return { action: isWrittenByProducts(topic) ? 'receive' : 'send', channel: { $ref: `#/channels/${topic.name}` } };
}

const operationNameOf = (topic: Topic): string => `${isWrittenByProducts(topic) ? 'receive' : 'send'}:${topic.name}`;

function messageOf(definition: MessageDefinition): JsonSchema {
  return {
    name: definition.type,
    title: definition.type,
    contentType,
    payload: messageSchemaOf(definition, 'draft-7'),
    bindings: { kafka: { key: { type: 'string', description: keyOf(definition) }, bindingVersion } },
  };
}

/** Landfall reads it. All others are the other way round. */
const isWrittenByProducts = (topic: Topic): boolean => topic.writers.length === 0;
