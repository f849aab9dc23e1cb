import { createHash } from 'node:crypto';
import { stableId, type Decoded, type Message, type Topic } from '@landfall/contracts';

/** One Kafka record after decoding. */
export interface Received {
  readonly partition: number;
  readonly offset: string;
  /** The bytes as they came, kept in case it becomes a dead letter. */
  readonly value: Buffer;
  readonly decoded: Decoded<Topic>;
  /** Order goes by it, and what a dead letter blocks: the message's key, or what stands in for it where the message can't be read. */
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

/** Gives a decoded record its key and identity. An unreadable one goes by its Kafka key, or else by its partition. */
export function received(
  topic: Topic,
  record: { partition: number; offset: string; value: Buffer | null; kafkaKey: string | null },
  decoded: Decoded<Topic>,
): Received {
  const { partition, offset, kafkaKey } = record;
  const value = record.value ?? Buffer.alloc(0);
  switch (decoded.kind) {
    case 'message':
      return {
        partition,
        offset,
        value,
        decoded,
        key: blockingKeyOf(decoded.message.key),
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
