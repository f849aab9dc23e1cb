import { randomUUID } from 'node:crypto';
import { decodeMessage, meteringCommands, reportUsage } from '@landfall/contracts';
import { until } from '@landfall/local';
import { Kafka, logLevel } from 'kafkajs';
import type { UsageSystem } from './usage.system';

const limitMs = 120_000;

/** Reads all commands from the beginning: what each pair of subscription and hour is reported with. Each may be there once, and all together are what was used, at a cent each. */
export async function reportedFaults({ kafka, topics, counters }: UsageSystem, used: number): Promise<string[]> {
  const consumer = new Kafka({ brokers: kafka.brokers.split(','), clientId: 'bench', logLevel: logLevel.NOTHING }).consumer({
    groupId: `bench-${randomUUID()}`,
  });
  const messages = await topics.countOf(meteringCommands.name);
  const keys = new Set<string>();
  let [read, events, quantity] = [0, 0, 0];
  await consumer.connect();
  await consumer.subscribe({ topic: meteringCommands.name, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      read += 1;
      const decoded = decodeMessage(meteringCommands, message.value);
      if (decoded.kind !== 'message' || decoded.message.type !== reportUsage.type) return;
      for (const event of decoded.message.data.events) {
        keys.add(`${event.subscriptionId} ${event.dimension} ${event.effectiveStartTime}`);
        events += 1;
        quantity += Number(event.quantity);
      }
    },
  });
  await until(() => read >= messages, limitMs);
  await consumer.disconnect();
  const [row] = await counters.query<{ hours: number; waiting: number }>(
    `select count(*)::int as hours, count(*) filter (where state = 'waiting')::int as waiting from billing.hours`,
  );
  return [
    ...(keys.size < events ? [`${events - keys.size} events came twice under one key`] : []),
    ...(quantity === used ? [] : [`${used} were used and ${quantity} reported`]),
    ...(row!.waiting === events && row!.hours === events ? [] : [`${events} events were reported and ${row!.hours} hours handed over`]),
  ];
}
