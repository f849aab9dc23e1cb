import { groupOf } from '@landfall/contracts';
import type { Admin, Kafka } from 'kafkajs';
import { reasonOf } from '../failure';
import { privateCluster } from '../kafka/kafka.predecessor';

/** Where the group of a consumer is to go on: behind all that there is, or at the first record of an instant. */
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
      const partitions = await offsetsOf(admin, topic, from);
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      await coordinator.offsetCommit({ groupId, ...nobody, topics: [{ topic, partitions }] });
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

async function offsetsOf(admin: Admin, topic: string, from: NewPosition['from']): Promise<Offset[]> {
  const offsets = from === 'end' ? await admin.fetchTopicOffsets(topic) : await admin.fetchTopicOffsetsByTimestamp(topic, from);
  return offsets.map(({ partition, offset }) => ({ partition, offset }));
}
