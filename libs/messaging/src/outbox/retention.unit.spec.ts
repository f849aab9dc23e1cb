import { topicRetentionDays } from '@landfall/contracts';
import { handledRetentionDays, outboxRetentionDays } from './maintenance';

/** `segment.ms` of Kafka by default: it removes whole segments, so a message lives up to that much longer. */
const segmentDays = 7;

it('remembers what it has handled longer than Kafka can deliver it again', () => {
  expect(handledRetentionDays).toBeGreaterThan(topicRetentionDays + segmentDays);
});

it('keeps what it has sent as long as Kafka does, so that a topic can be published again', () => {
  expect(outboxRetentionDays).toBeGreaterThanOrEqual(topicRetentionDays);
});
