import type { Kafka } from 'kafkajs';

interface Coordinator {
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
  /** Throws what Kafka answers of a partition. */
  offsetCommit(commit: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    retentionTime: number;
    topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
}
export interface PrivateCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  findGroupCoordinator(group: { groupId: string }): Promise<Coordinator>;
}

/** kafkajs can leave a group only as the member itself. Its own way to the coordinator is private; a test pins what it must look like. */
export function privateCluster(kafka: Kafka): PrivateCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find((candidate) => String(candidate).includes('createCluster'));
  if (!symbol) throw new Error('this version of kafkajs has no createCluster');
  return (kafka as unknown as Record<symbol, (options: object) => PrivateCluster>)[symbol]!({});
}

/**
 * Leaves the group on behalf of a process that died under our name, so that its partitions need not wait for its session to run out (10 s). The
 * name must be unique per living copy. If the other one lives after all (frozen, not dead), it only repeats work, which is absorbed.
 * Gives the number of members that left.
 */
export async function leaveForPredecessor(kafka: Kafka, groupId: string, clientId: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([groupId]).finally(() => admin.disconnect());
  const dead = (groups[0]?.members ?? []).filter((member) => member.clientId === clientId);
  if (dead.length === 0) return 0;
  const cluster = privateCluster(kafka);
  await cluster.connect();
  try {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    for (const { memberId } of dead) await coordinator.leaveGroup({ groupId, memberId });
  } finally {
    await cluster.disconnect();
  }
  return dead.length;
}
