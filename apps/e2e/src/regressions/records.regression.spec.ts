import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { fulfillmentEvents, partitionOf, subscriptionEvents, subscriptionSnapshots } from '@landfall/contracts';
import { createTopics, laptopPartitions } from '@landfall/local';
import { Kafka, logLevel } from 'kafkajs';
import { eventually } from '../eventually';
import { theSystem } from '../system';
import { TopicReader } from '../topic.reader';
import { HurtSystem } from './hurt.system';

jest.setTimeout(600_000);

describe('a topic', () => {
  const landfall = theSystem();
  const system = new HurtSystem(landfall);
  const kafka = () => new Kafka({ ...landfall.system.kafkaLogin('admin'), clientId: 'regressions', logLevel: logLevel.NOTHING });

  const odd: [string, { key: string | Buffer | null; value: string | Buffer | null }][] = [
    ['a key with NUL', { key: 'a\0b', value: 'no envelope' }],
    ['a key of six thousand bytes', { key: 'k'.repeat(6_000), value: '{}' }],
    ['bytes that are no text', { key: Buffer.from([0xff, 0xfe, 0x00, 0xed, 0xa0, 0x80]), value: Buffer.from([0, 1, 2, 0xff]) }],
    [
      'half a surrogate',
      { key: '\ud800', value: JSON.stringify({ specversion: '1.0', subject: '\ud800\0', id: '\0', type: 'x', source: 'y' }) },
    ],
    ['nothing', { key: null, value: null }],
    ['much nesting', { key: randomUUID(), value: '['.repeat(20_000) }],
    [
      'an envelope without end',
      {
        key: randomUUID(),
        value: JSON.stringify({
          specversion: '1.0',
          id: 'i'.repeat(9_000),
          type: 't'.repeat(9_000),
          source: 's'.repeat(9_000),
          subject: 'u'.repeat(9_000),
          data: {},
        }),
      },
    ],
  ];

  it('with records that nobody can read goes on behind them, on the same partition, and each of them can be found', async () => {
    const id = await landfall.activeSubscription();
    const producer = kafka().producer();
    await producer.connect();
    const partition = partitionOf(id, laptopPartitions);
    for (const topic of [fulfillmentEvents.name, subscriptionEvents.name])
      await producer.send({ topic, messages: odd.map(([, { key, value }]) => ({ key, value, partition })) });
    await producer.disconnect();
    await system.works(id, 21);
    await system.works(id, 22);
    for (const name of Object.keys(system.pids())) expect([name, await system.health(name, 'live')]).toEqual([name, 200]);
    const blocked = await landfall.deadLetters('subscription');
    expect(blocked.length).toBeGreaterThan(0);
    for (const { reason } of blocked) expect(reason).not.toBe('');
  });

  it('that is gone makes nothing of its service wait but what goes to it, and has that when it is back', async () => {
    const id = await landfall.activeSubscription();
    const { kafkaBrokers } = landfall.system.run;
    const [events, snapshots] = [
      new TopicReader(landfall.system.kafkaLogin('admin'), [subscriptionEvents]),
      new TopicReader(landfall.system.kafkaLogin('admin'), [subscriptionSnapshots]),
    ];
    const admin = kafka().admin();
    await Promise.all([admin.connect(), events.start()]);
    try {
      await admin.deleteTopics({ topics: [subscriptionSnapshots.name] });
      await system.works(id, 31, events);
      const before = events.raw.length;
      await wait(20_000);
      expect(events.raw.length - before).toBeLessThan(10); // what was acknowledged is not sent again and again
      await system.works(id, 32, events);
      await createTopics(kafkaBrokers, laptopPartitions);
      await snapshots.start();
      await eventually(() =>
        expect(snapshots.lastSnapshot(id)?.data).toMatchObject({ current: expect.objectContaining({ quantity: 32 }) }),
      );
    } finally {
      await createTopics(kafkaBrokers, laptopPartitions);
      await Promise.allSettled([admin.disconnect(), events.stop(), snapshots.stop()]);
    }
  });
});
