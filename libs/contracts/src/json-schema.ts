import { z } from 'zod';
import type { MessageDefinition } from './message';

export type JsonSchema = Record<string, unknown>;

/** The dialects that tools around us read: AsyncAPI 3 knows draft 7 alone. */
type Dialect = 'draft-7' | 'draft-2020-12';

/**
 * The JSON Schema of a message's data. It is the reader's side: fields that it does not name are allowed, since a version grows by optional
 * fields and an older reader must not reject them.
 */
function dataSchemaOf(definition: MessageDefinition, dialect: Dialect = 'draft-2020-12'): JsonSchema {
  return z.toJSONSchema(definition.schema, { io: 'input', target: dialect, override: leaveOutPatternOfFormat }) as JsonSchema;
}

/** The pattern of a date or a uuid says what `format` says, in 300 characters that nobody can read. */
function leaveOutPatternOfFormat({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string } }): void {
  if (jsonSchema.format) delete jsonSchema.pattern;
}

/** Where the key of a message stands, in words. */
export const keyOf = ({ keyField }: Pick<MessageDefinition, 'keyField'>): string =>
  keyField === null ? 'the id of its subscription' : `data.${keyField}`;

const filled: JsonSchema = { type: 'string', minLength: 1 };
const instant: JsonSchema = { type: 'string', format: 'date-time' };

/** The JSON Schema of a whole message as it lies on Kafka: the CloudEvents envelope with its data. */
export function messageSchemaOf(definition: MessageDefinition, dialect: Dialect = 'draft-2020-12'): JsonSchema {
  const { $schema, ...data } = dataSchemaOf(definition, dialect);
  return {
    $schema,
    title: definition.type,
    type: 'object',
    required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'],
    properties: {
      specversion: { const: '1.0' },
      id: { ...filled, description: 'The same in every delivery: whoever saw it before drops it.' },
      source: { ...filled, description: 'The service or product that published it.' },
      type: { const: definition.type },
      subject: { ...filled, description: `The key, which is ${keyOf(definition)}. Order holds within a key of one topic.` },
      time: { ...instant, description: 'When it was committed.' },
      datacontenttype: { const: 'application/json' },
      sequence: {
        type: 'integer',
        minimum: 1,
        description: 'Public subscription events, and by themselves counts of usage: 1, 2, 3 … per subscription without gaps.',
      },
      epoch: { type: 'integer', minimum: 0, description: 'Rises after a database was restored from a backup.' },
      correlationid: { ...filled, description: 'Groups all that one purchase or one webhook led to.' },
      causationid: { ...filled, description: 'The id of the message that led to this one.' },
      traceparent: { type: 'string', description: 'W3C Trace Context.' },
      data,
    },
  };
}
