import { randomUUID } from 'node:crypto';
import { decodeMessage, meteringEvents, usageRead } from '@landfall/contracts';
import { until } from '@landfall/local';
import { Kafka, logLevel } from 'kafkajs';

const limitMs = 120_000;

/** What fulfillment has told billing of one list. */
export interface Told {
  readonly messages: number;
  readonly rows: number;
  readonly largestBytes: number;
  readonly bytes: number;
}

/** Reads the topic from its beginning. @throws Error where the last part does not come */
export async function toldOf(brokers: string, readId: string): Promise<Told> {
  const consumer = new Kafka({ brokers: brokers.split(','), clientId: 'bench', logLevel: logLevel.NOTHING }).consumer({
    groupId: `bench-${randomUUID()}`,
  });
  let [told, isWhole]: [Told, boolean] = [{ messages: 0, rows: 0, largestBytes: 0, bytes: 0 }, false];
  await consumer.connect();
  await consumer.subscribe({ topic: meteringEvents.name, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { value } }) => {
      const decoded = decodeMessage(meteringEvents, value);
      if (decoded.kind !== 'message' || decoded.message.type !== usageRead.type || decoded.message.data.readId !== readId) return;
      const { rows, isLast } = decoded.message.data;
      const size = value?.length ?? 0;
      told = {
        ...{ messages: told.messages + 1, rows: told.rows + rows.length },
        ...{ largestBytes: Math.max(told.largestBytes, size), bytes: told.bytes + size },
      };
      isWhole ||= isLast;
    },
  });
  await until(() => isWhole, limitMs);
  await consumer.disconnect();
  return told;
}
