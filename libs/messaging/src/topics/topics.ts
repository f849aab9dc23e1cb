import { setTimeout as wait } from 'node:timers/promises';
import { topicRetentionDays, topics, type Topic } from '@landfall/contracts';
import { ConfigResourceTypes, type Admin, type ITopicConfig } from 'kafkajs';

const retentionMs = topicRetentionDays * 86_400_000;
/** A busy broker needs seconds to make a topic. */
const makingLimitMs = 30_000;
const shownLimitMs = 120_000;
const lookIntervalMs = 50;

/** The brokers have no topics as the services need them. */
export class TopicsImpossible extends Error {
  readonly code = 'TOPICS_IMPOSSIBLE';
  readonly retriable = false;
}

/** What was compared with what the services need. */
export interface TopicFindings {
  /** With these nothing may start: order would break, or what is kept for ever would be thrown away. */
  readonly wrong: readonly string[];
  /** With these everything works, and somebody should know. */
  readonly doubtful: readonly string[];
}

/** Makes the topics that are missing, and gives their names. Those that are there stay as they are. @throws TopicsImpossible where the brokers don't show them */
export async function makeTopics(admin: Admin, partitions: number, replicationFactor?: number): Promise<string[]> {
  const missing = await missingTopics(admin);
  const wanted = missing.map((topic) => ({
    topic: topic.name,
    numPartitions: partitions,
    configEntries: Object.entries(configOf(topic)).map(([name, value]) => ({ name, value })),
    ...(replicationFactor !== undefined && { replicationFactor }),
  }));
  await makeEach(admin, wanted);
  return missing.map(({ name }) => name);
}

/**
 * Makes topics, and resolves when the brokers can be asked for all of them. kafkajs's own `waitForLeaders` gives up at the first answer of a busy broker that
 * has not heard of its new topic yet. @throws TopicsImpossible after two minutes
 */
export async function makeEach(admin: Admin, wanted: ITopicConfig[]): Promise<void> {
  if (wanted.length === 0) return;
  await admin.createTopics({ topics: wanted, waitForLeaders: false, timeout: makingLimitMs });
  const names = wanted.map(({ topic }) => topic);
  for (const until = Date.now() + shownLimitMs; !(await haveLeaders(admin, names)); await wait(lookIntervalMs))
    if (Date.now() > until)
      throw new TopicsImpossible(
        'Kafka took the order to make the topics and did not show them within two minutes: it may be overloaded. Run this again',
      );
}

/** Compares the topics with what the services need, all of them at once. */
export async function compareTopics(admin: Admin, partitions: number): Promise<TopicFindings> {
  const missing = await missingTopics(admin);
  const there = topics.filter((topic) => !missing.includes(topic));
  const sized = await wronglySized(admin, there, partitions);
  const { wrong, doubtful } = await wronglyConfigured(admin, there);
  return { wrong: [...missing.map((topic) => missingSentence(topic, partitions)), ...sized, ...wrong], doubtful };
}

const configOf = ({ isCompacted }: Topic): Record<string, string> =>
  isCompacted ? { 'cleanup.policy': 'compact' } : { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) };

async function missingTopics(admin: Admin): Promise<Topic[]> {
  const existing = new Set(await admin.listTopics());
  return topics.filter(({ name }) => !existing.has(name));
}

async function haveLeaders(admin: Admin, names: string[]): Promise<boolean> {
  const { topics: known } = await admin.fetchTopicMetadata({ topics: names }).catch(() => ({ topics: [] }));
  return known.length === names.length && known.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
}

function missingSentence(topic: Topic, partitions: number): string {
  const configs = Object.entries(configOf(topic)).map(([name, value]) => `--config ${name}=${value}`);
  return `${topic.name} is missing: kafka-topics.sh --create --topic ${topic.name} --partitions ${partitions} ${configs.join(' ')}`;
}

async function wronglySized(admin: Admin, there: readonly Topic[], partitions: number): Promise<string[]> {
  if (there.length === 0) return [];
  const { topics: known } = await admin.fetchTopicMetadata({ topics: there.map(({ name }) => name) });
  return known
    .filter((topic) => topic.partitions.length !== partitions)
    .map(({ name, partitions: { length } }) => `${name} has ${length} partitions and PARTITIONS is ${partitions}`)
    .sort();
}

async function wronglyConfigured(admin: Admin, there: readonly Topic[]): Promise<TopicFindings> {
  if (there.length === 0) return { wrong: [], doubtful: [] };
  const asked = there.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['cleanup.policy', 'retention.ms'] }));
  const described = await admin.describeConfigs({ includeSynonyms: false, resources: asked }).catch((error: unknown) => error as Error);
  if (described instanceof Error)
    return { wrong: [], doubtful: [`How long topics are kept could not be read, and was not compared: ${described.message}`] };
  const found = described.resources.map(({ resourceName, configEntries }) => {
    const values = new Map(configEntries.map(({ configName, configValue }) => [configName, configValue]));
    return findingsOf(
      there.find(({ name }) => name === resourceName),
      values,
    );
  });
  return { wrong: found.flatMap(({ wrong }) => wrong), doubtful: found.flatMap(({ doubtful }) => doubtful) };
}

function findingsOf(topic: Topic | undefined, values: ReadonlyMap<string, string>): TopicFindings {
  const [policy, retention] = [values.get('cleanup.policy'), values.get('retention.ms')];
  if (!topic || policy === undefined) return { wrong: [], doubtful: [] };
  const { name } = topic;
  if (topic.isCompacted)
    return {
      wrong:
        policy === 'compact' ? [] : [`${name} has the cleanup.policy ${policy}: what it keeps for ever would be thrown away. Set compact`],
      doubtful: [],
    };
  if (policy !== 'delete')
    return {
      wrong: [`${name} has the cleanup.policy ${policy}: all but the newest event of a key would be thrown away. Set delete`],
      doubtful: [],
    };
  const keptMs = Number(retention);
  if (retention === undefined || keptMs === retentionMs) return { wrong: [], doubtful: [] };
  const days = keptMs < 0 ? 'for ever' : `for ${(keptMs / 86_400_000).toFixed(1)} days`;
  if (keptMs < 0 || keptMs > retentionMs)
    return {
      wrong: [
        `${name} is kept ${days}: what was handled is remembered little longer than ${topicRetentionDays} days, and would be done twice. Set retention.ms to ${retentionMs}`,
      ],
      doubtful: [],
    };
  return { wrong: [], doubtful: [`${name} is kept ${days} instead of ${topicRetentionDays}: who has not read for so long loses messages`] };
}
