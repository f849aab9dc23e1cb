import { topics } from '@landfall/contracts';
import { testBroker } from '../testing/test-database';
import { kafkaClient } from './kafka.client';
import { createTopics, laptopPartitions } from './topics';

describe('the topics of the system', () => {
  const { brokers } = testBroker();

  it('are made with the same number of partitions each, compacted where they keep the present; making them again changes nothing', async () => {
    await createTopics(brokers, laptopPartitions);
    await createTopics(brokers, laptopPartitions);
    const admin = kafkaClient(brokers).admin();
    const names = topics.map(({ name }) => name);
    const { topics: made } = await admin.fetchTopicMetadata({ topics: names });
    expect(new Set(made.map(({ partitions }) => partitions.length))).toEqual(new Set([laptopPartitions]));
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: 2, name, configNames: ['cleanup.policy'] })),
    });
    const compacted = resources
      .filter(({ configEntries }) => configEntries[0]?.configValue === 'compact')
      .map(({ resourceName }) => resourceName);
    expect(compacted).toEqual(topics.filter(({ isCompacted }) => isCompacted).map(({ name }) => name));
    await admin.disconnect();
  });

  it('are refused with another number of partitions than they have', async () => {
    await createTopics(brokers, laptopPartitions);
    await expect(createTopics(brokers, 4)).rejects.toThrow(
      /another number of partitions than 4: landfall\.fulfillment\.commands\.v1 \(8\), /,
    );
  });
});
