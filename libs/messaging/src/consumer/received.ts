import { decodeMessage, stableId, type Decoded, type Message, type Topic } from '@landfall/contracts';
import type { Failure } from '../dead-letter/attempts';
import { reasonOf } from '../failure';
import { storableKey } from '../key';
import type { AnyStages } from '../handlers/stages';

/** One Kafka record after decoding. */
export interface Received {
  readonly partition: number;
  readonly offset: string;
  /** The bytes as they came, kept in case it becomes a dead letter. */
  readonly value: Buffer;
  readonly decoded: Decoded<Topic>;
  /** Order goes by it, and what a dead letter blocks: the key of the message's state, or what stands in for it where the message can't be read. */
  readonly key: string;
  /** By which it is known as handled; derived where the message's own id is no UUID. */
  readonly identity: string;
  /** Under which its writer sent it, where that was an outbox of ours. */
  readonly outboxId?: string;
}

/** What an id of another writer may look like where we store it in our own words, and log it: printable and short. Elsewhere the identity stands in for it. */
export const isPlainId = (id: string): boolean => /^[\x20-\x7e]{1,200}$/.test(id);

const nothing = Buffer.alloc(0);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** CloudEvents asks for ids that are unique with their source, in any form. Ours are UUIDs; a product may well answer under an id of ours. */
export const identityOf = ({ source, id }: Message): string =>
  source.startsWith('landfall/') && uuid.test(id) ? id.toLowerCase() : stableId('message', source, id);

/**
 * Reads a value, unless the service ignores its type. `type` is what a header of ours says: one of this topic that is ignored is passed over unread by that alone. Another
 * topic's type says nothing: a product may answer with the headers of what it was asked.
 */
export function decoded(stages: AnyStages, value: Buffer | null, type?: string): Decoded<Topic> {
  const isDecided = (one: string) => one in stages.decide;
  const isIgnored = type !== undefined && stages.topic.definitions.has(type) && !isDecided(type);
  return isIgnored ? { kind: 'unknown', type } : decodeMessage(stages.topic, value, isDecided);
}

/**
 * Gives a decoded record its key and identity. An unreadable one goes by the message's key, or else by its Kafka key, or else by its partition; so
 * does one for which the service can't say the key of its state.
 */
export function received(
  stages: AnyStages,
  record: { partition: number; offset: string; value: Buffer | null; kafkaKey: string | null; outboxId?: string },
  read: Decoded<Topic>,
): Received {
  const { topic } = stages;
  const { partition, offset, kafkaKey, outboxId } = record;
  const value = record.value ?? nothing;
  const decoded = withStateKey(stages, read);
  switch (decoded.kind) {
    case 'message':
      return {
        partition,
        offset,
        value,
        decoded,
        key: storableKey(decoded.stateKey),
        identity: identityOf(decoded.message as Message),
        outboxId,
      };
    case 'broken': {
      const key = storableKey(decoded.key ?? (kafkaKey || `partition ${partition}`));
      const identity = decoded.id ? stableId('broken', topic.name, decoded.id) : stableId('unreadable', topic.name, partition, offset);
      return { partition, offset, value, decoded, key, identity };
    }
    case 'unknown':
      return { partition, offset, value: nothing, decoded, key: kafkaKey ?? '', identity: '', outboxId }; // nobody keeps what is ignored
  }
}

/** Whether it may wait for others: what the service ignores may, and of the rest the author says it. */
export function mayWait(stages: AnyStages, { decoded }: Received): boolean {
  if (decoded.kind !== 'message') return decoded.kind === 'unknown';
  try {
    return stages.mayWait?.(decoded.message as Message) === true;
  } catch {
    return false;
  }
}

/** Why a record can't be decided: it is a dead letter from the start. */
export const unreadable = ({ decoded }: Received): Failure | undefined =>
  decoded.kind === 'broken' ? { state: 'dead', reason: decoded.reason } : undefined;

type WithStateKey =
  Exclude<Decoded<Topic>, { kind: 'message' }> | (Extract<Decoded<Topic>, { kind: 'message' }> & { readonly stateKey: string });

/** The key of the state that a message is about, as its service says it. */
export const stateKeyOf = (stages: AnyStages, message: Message): string => stages.key?.(message) ?? message.key;

function withStateKey(stages: AnyStages, decoded: Decoded<Topic>): WithStateKey {
  if (decoded.kind !== 'message') return decoded;
  const message = decoded.message as Message;
  const { id, key } = message;
  try {
    return { ...decoded, stateKey: stateKeyOf(stages, message) };
  } catch (error) {
    return { kind: 'broken', reason: `the key of its state can't be told: ${reasonOf(error)}`.slice(0, 500), id, key };
  }
}
