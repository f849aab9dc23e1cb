import { runProgram } from '../process/program';
import { nodeSettings } from '../system/services';

/** Partitions on a laptop: enough for order per key and parallel work, and few enough to start quickly. */
export const laptopPartitions = 8;

/** Read by the program that makes topics. */
const settingsOfTopics = /^(KAFKA_|TOPICS$|REPLICATION_FACTOR$)/;

/**
 * Makes the topics of the system that are not there yet, and compares all with what the services need.
 * @param env how to log in, where the brokers ask
 * @throws SetupError with what is wrong
 */
export async function createTopics(brokers: string, partitions: number, env: Record<string, string | undefined> = {}): Promise<void> {
  const given = Object.fromEntries(Object.entries(env).filter(([name]) => settingsOfTopics.test(name)));
  const settings = { ...given, ...nodeSettings, KAFKA_BROKERS: brokers, PARTITIONS: String(partitions) };
  await runProgram({ script: 'libs/messaging/dist/topics/main.js', env: settings }, 'The topics could not be made');
}
