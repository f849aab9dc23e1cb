import { groupOf } from '@landfall/contracts';
import type { Admin, Kafka } from 'kafkajs';
import { reasonOf } from '../failure';
import { privateCluster } from '../kafka/kafka.predecessor';

/** Where the group of a consumer is to go on: behind all that there is, or at the first record of an instant, but never past what it has read so far: no backup knows more. */
export interface NewPosition {
  readonly consumer: string;
  readonly topic: string;
  readonly from: 'end' | number;
}

/** Kafka is away, or a copy of the service still reads. It is tried again. */
export class GroupsNotMoved extends Error {
  readonly code = 'GROUPS_NOT_MOVED';
  readonly retriable = true;
}

interface Offset {
  readonly partition: number;
  readonly offset: string;
}

/** Of a group without members: Kafka takes their offsets from whoever may read with it. */
const nobody = { groupGenerationId: -1, memberId: '', retentionTime: -1 };

/**
 * Sets where groups go on. Kafka refuses it of a group that has a member: two would not agree on where it is.
 * @throws GroupsNotMoved that names the first group that could not be moved; those before it are, and moving them again changes nothing
 */
export async function moveGroups(kafka: Kafka, positions: readonly NewPosition[]): Promise<void> {
  const admin = kafka.admin();
  const cluster = privateCluster(kafka);
  let at = 'Kafka';
  try {
    await Promise.all([admin.connect(), cluster.connect()]);
    for (const { consumer, topic, from } of positions) {
      const groupId = (at = groupOf(consumer));
      const partitions = from === 'end' ? await admin.fetchTopicOffsets(topic) : await offsetsFrom(admin, groupId, topic, from);
      if (partitions.length === 0) continue;
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      await coordinator.offsetCommit({
        groupId,
        ...nobody,
        topics: [{ topic, partitions: partitions.map(({ partition, offset }) => ({ partition, offset })) }],
      });
    }
  } catch (error) {
    throw new GroupsNotMoved(
      `${at} can't be set back to where the restored database is: ${reasonOf(error)}. Nothing is read before that. Is a copy of this service still running, or Kafka away?`,
      { cause: error },
    );
  } finally {
    await Promise.allSettled([admin.disconnect(), cluster.disconnect()]);
  }
}

/** A partition of which the group has read nothing is left out: it begins there at the first record. */
async function offsetsFrom(admin: Admin, groupId: string, topic: string, from: number): Promise<Offset[]> {
  const [sought, read] = await Promise.all([
    admin.fetchTopicOffsetsByTimestamp(topic, from),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ]);
  const readTo = new Map(read.flatMap(({ partitions }) => partitions.map(({ partition, offset }) => [partition, BigInt(offset)])));
  return sought.flatMap(({ partition, offset }) => {
    const known = readTo.get(partition) ?? -1n;
    return known < 0n ? [] : [{ partition, offset: known < BigInt(offset) ? String(known) : offset }];
  });
}
