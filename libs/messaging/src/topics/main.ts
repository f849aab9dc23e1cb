import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { productRights, rightsAsCommands, topicRights } from '@landfall/contracts';
import { ConfigurationInvalid, defineConfig } from '@landfall/service-defaults';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { kafkaProblems } from '../kafka/security/kafka.settings';
import { securityOf } from '../kafka/security/kafka.security';
import { patchRequestQueue } from '../kafka/kafka.patch';
import { topicSettings, type TopicValues } from './topic.settings';
import { compareTopics, makeTopics, TopicsImpossible } from './topics';

const usage = `Makes the topics of Landfall that are missing, and compares all of them with what the services need. It reads KAFKA_BROKERS, PARTITIONS,
TOPICS (make or check), REPLICATION_FACTOR, and how to log in, as the services do.

  --rights [--principal TEXT]   prints what each login needs as commands of kafka-acls.sh; {login} stands for a service (User:landfall-{login})
  --rights --product NAME       prints what one of your products needs, whose login is NAME and whose groups begin with it; {login} stands for it (User:{login})
  --reference                   prints its settings as JSON, for the reference of settings
`;

const exitWrongSettings = 78;
/** The brokers may come up after this program. */
const patienceMs = 60_000;
const connectPauseMs = 500;
const requestLimitMs = 30_000;

async function main(): Promise<void> {
  const { values: given } = parseArgs({
    options: {
      rights: { type: 'boolean' },
      reference: { type: 'boolean' },
      principal: { type: 'string' },
      product: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (given.help) return say(usage);
  if (given.rights) return say(`${rightsOf(given.product, given.principal).join('\n')}\n`);
  const settings = defineConfig('topics', topicSettings, kafkaProblems);
  if (given.reference) return say(`${JSON.stringify({ settings: settings.describe() })}\n`);
  const { values } = settings;
  const admin = await connected(values);
  try {
    await bring(admin, values);
  } finally {
    await admin.disconnect();
  }
}

/** Of one product, or of all that is Landfall's. */
function rightsOf(product: string | undefined, principal: string | undefined): string[] {
  if (product === undefined) return rightsAsCommands(topicRights(), principal ?? 'User:landfall-{login}');
  return rightsAsCommands(productRights(product), principal ?? 'User:{login}');
}

/** @throws TopicsImpossible that names all that is wrong */
async function bring(admin: Admin, { TOPICS: way, PARTITIONS: partitions, REPLICATION_FACTOR: replicas }: TopicValues): Promise<void> {
  const made = way === 'make' ? await makeTopics(admin, partitions, replicas) : [];
  const { wrong, doubtful } = await compareTopics(admin, partitions);
  for (const sentence of doubtful) process.stderr.write(`topics: ${sentence}\n`);
  if (wrong.length > 0)
    throw new TopicsImpossible(
      `The topics are not as the services need them:\n${wrong.map((sentence) => `  ${sentence}`).join('\n')}\nA number of partitions is fixed for the life of an installation, since the order of a key's messages rests on it: set PARTITIONS to it, or use another Kafka`,
    );
  say(made.length > 0 ? `topics: ${made.length} made (${made.join(', ')})\n` : 'topics: as they should be\n');
}

async function connected(values: TopicValues): Promise<Admin> {
  patchRequestQueue();
  const limits = { connectionTimeout: 2_000, authenticationTimeout: requestLimitMs, requestTimeout: requestLimitMs, retry: { retries: 5 } };
  const kafka = new Kafka({
    brokers: [...values.KAFKA_BROKERS],
    clientId: 'landfall-topics',
    logLevel: logLevel.NOTHING,
    ...limits,
    ...securityOf(values),
  });
  for (const until = Date.now() + patienceMs; ; await wait(connectPauseMs)) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      if (Date.now() > until || !isPassing(error))
        throw new TopicsImpossible(`Kafka cannot be used at ${values.KAFKA_BROKERS.join(', ')}: ${(error as Error).message}`, {
          cause: error,
        });
    }
  }
}

/** kafkajs calls an error final when it has repeated what may pass. */
function isPassing(error: unknown): boolean {
  const { name, retriable } = error as { name?: string; retriable?: boolean };
  return retriable === true || name === 'KafkaJSNumberOfRetriesExceeded';
}

function say(text: string): void {
  process.stdout.write(text);
}

main().catch((error: unknown) => {
  const forPeople = error instanceof ConfigurationInvalid || error instanceof TopicsImpossible || error instanceof RangeError;
  process.stderr.write(`${forPeople ? error.message : `The topics could not be made: ${(error as Error).stack}`}\n`);
  process.exitCode = error instanceof ConfigurationInvalid ? exitWrongSettings : 1;
});
