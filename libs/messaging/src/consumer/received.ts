import { createHash } from 'node:crypto';
import { stableId, type Decoded, type Message, type Topic } from '@landfall/contracts';
import type { Failure } from '../dead-letter/attempts';
import { reasonOf } from '../failure';
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
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** CloudEvents asks for ids that are unique with their source, in any form. Ours are UUIDs; a product may well answer under an id of ours. */
export const identityOf = ({ source, id }: Message): string =>
  source.startsWith('landfall/') && uuid.test(id) ? id.toLowerCase() : stableId('message', source, id);

/** What fits into an index of Postgres together with the name of a consumer. */
const longestKeyBytes = 1024;

/**
 * The key by which order is kept. A digest stands in for one that the database can't hold and give back as it was: it is too long, or has a NUL
 * or half a surrogate pair in it.
 */
export function blockingKeyOf(key: string): string {
  const isStorable = Buffer.byteLength(key) <= longestKeyBytes && !key.includes('\0') && key.isWellFormed();
  return isStorable ? key : `sha256 ${createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('hex')}`; // UTF-8 has no half pairs
}

/**
 * Gives a decoded record its key and identity. An unreadable one goes by the message's key, or else by its Kafka key, or else by its partition; so
 * does one for which the service can't say the key of its state.
 */
export function received(
  stages: AnyStages,
  record: { partition: number; offset: string; value: Buffer | null; kafkaKey: string | null },
  read: Decoded<Topic>,
): Received {
  const { topic } = stages;
  const { partition, offset, kafkaKey } = record;
  const value = record.value ?? Buffer.alloc(0);
  const decoded = withStateKey(stages, read);
  switch (decoded.kind) {
    case 'message':
      return {
        partition,
        offset,
        value,
        decoded,
        key: blockingKeyOf(decoded.stateKey),
        identity: identityOf(decoded.message as Message),
      };
    case 'broken': {
      const key = blockingKeyOf(decoded.key ?? (kafkaKey || `partition ${partition}`));
      const identity = decoded.id ? stableId('broken', topic.name, decoded.id) : stableId('unreadable', topic.name, partition, offset);
      return { partition, offset, value, decoded, key, identity };
    }
    case 'unknown':
      return { partition, offset, value, decoded, key: kafkaKey ?? '', identity: '' };
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
  if (!(message.type in stages.decide)) return { ...decoded, stateKey: key }; // the service ignores it
  try {
    return { ...decoded, stateKey: stateKeyOf(stages, message) };
  } catch (error) {
    return { kind: 'broken', reason: `the key of its state can't be told: ${reasonOf(error)}`.slice(0, 500), id, key };
  }
}
