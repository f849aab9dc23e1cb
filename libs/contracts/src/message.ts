import type { z } from 'zod';

/** What a service publishes. The library that sends it adds identity, time and cause. */
export interface Draft<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** Order holds within a key of one topic. Mostly the subscription's id. */
  readonly key: string;
  readonly data: Data;
  /** Public subscription events alone: 1, 2, 3 … per subscription without gaps, so that a product sees what it missed. */
  readonly sequence?: number;
}

/** A message as it travels. Its id is the same in every delivery and in every repetition of the work that made it. */
export interface Message<Type extends string = string, Data = unknown> extends Draft<Type, Data> {
  readonly id: string;
  /** The service that published it, such as `landfall/subscription`. */
  readonly source: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly time: string;
  /** Rises after a database was restored from a backup, so that products do not take new events for old ones. */
  readonly epoch: number;
  /** Groups all that one purchase or one webhook led to. */
  readonly correlationId: string;
  /** The id of the message that led to this one. */
  readonly causationId?: string;
  readonly traceparent?: string;
}

type KeyOf<Schema extends z.ZodType> = Extract<keyof z.infer<Schema>, string>;

/** Type and check of one message. */
export interface MessageDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly schema: Schema;
  /** The field of the data that is the message's key; null: the envelope alone tells it, as in what products write of their own. */
  readonly keyField: string | null;
}

/**
 * A definition that also makes the message. Apart from `MessageDefinition`, since a function that takes one kind of data is not one that takes any: a list of
 * definitions could not hold it.
 */
export interface MessageConstructor<Type extends string = string, Schema extends z.ZodType = z.ZodType> extends MessageDefinition<
  Type,
  Schema
> {
  (data: z.input<Schema>, envelope?: { sequence?: number; key?: string }): Draft<Type, z.infer<Schema>>;
}

export interface Topic<Definition extends MessageDefinition = MessageDefinition> {
  readonly name: string;
  readonly definitions: ReadonlyMap<string, Definition>;
  /** Products outside of Landfall read or write it: its messages change by optional fields alone. */
  readonly isPublic: boolean;
  /** Kafka keeps the newest message of each key for ever. Written by the service in its name alone, which can make it from its table again. */
  readonly isCompacted: boolean;
  /**
   * What it says came from outside: customers, Microsoft's webhooks, products. After a restore it is read again from the backup on, since nobody would say it
   * again; what services decided meanwhile and have forgotten is left out (rule 12).
   */
  readonly isFromOutside: boolean;
  /** The services that write it. None: products do. */
  readonly writers: readonly string[];
  /** The services that read it, beside products where it is public. */
  readonly readers: readonly string[];
}

type AnyMessage<Definition> = Definition extends MessageDefinition<infer Type, infer Schema> ? Message<Type, z.infer<Schema>> : never;
/** All messages that a topic or a definition can carry, told apart by `type`. */
export type MessageOf<T> = T extends Topic<infer Definition> ? AnyMessage<Definition> : AnyMessage<T>;
/** The data of a message. */
export type DataOf<T extends MessageDefinition> = z.infer<T['schema']>;

const typePattern = /^landfall\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$/;

/**
 * Defines a message. Events are facts in the past tense, commands are imperative. A version grows by optional fields; a breaking change
 * becomes a new type that ends in `.v2`.
 */
export function defineMessage<Type extends string, Schema extends z.ZodType>(
  type: Type,
  schema: Schema,
  keyField: KeyOf<Schema> | null = 'subscriptionId' as KeyOf<Schema>,
): MessageConstructor<Type, Schema> {
  if (!typePattern.test(type)) throw new Error(`${type} is not a message type: write landfall.<service>.<what-happened>.v1`);
  const draft = (data: z.input<Schema>, envelope: { sequence?: number; key?: string } = {}): Draft<Type, z.infer<Schema>> => ({
    type,
    key: keyField === null ? '' : String((data as Record<string, unknown>)[keyField]),
    data: data as z.infer<Schema>,
    ...envelope,
  });
  return Object.assign(draft, { type, schema, keyField });
}

const topicNames = new Map<string, string>();
const compacted = new Set<string>();

type TopicOptions = Partial<Pick<Topic, 'isPublic' | 'isCompacted' | 'isFromOutside' | 'writers' | 'readers'>>;

/** Defines a topic. A message belongs to one topic, so that whoever publishes it need not know where it goes. */
export function defineTopic<Definition extends MessageDefinition>(
  name: string,
  definitions: readonly Definition[],
  { isPublic = false, isCompacted = false, writers = [], readers = [], isFromOutside = writers.length === 0 }: TopicOptions = {},
): Topic<Definition> {
  for (const { type } of definitions) {
    const other = topicNames.get(type);
    if (other && other !== name) throw new Error(`${type} is already carried by ${other}: a message belongs to one topic`);
    topicNames.set(type, name);
  }
  if (isCompacted) compacted.add(name);
  const byType = new Map(definitions.map((definition) => [definition.type, definition]));
  return { name, definitions: byType, isPublic, isCompacted, isFromOutside, writers, readers };
}

/** The topic that carries a type. Throws for a type that no topic lists: it was defined and forgotten. */
export function topicNameOf(type: string): string {
  const name = topicNames.get(type);
  if (!name) throw new Error(`No topic carries ${type}: list it in topics.ts`);
  return name;
}

/** The names of the compacted topics that a service writes. */
export const compactedTopicsOf = (service: string): string[] => [...compacted].filter((name) => name.startsWith(`landfall.${service}.`));
