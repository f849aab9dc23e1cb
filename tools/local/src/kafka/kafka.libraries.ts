import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { landfallDir, repositoryDir } from '../repository';
import { SetupError } from '../setup.error';

const kafkaDir = join(repositoryDir, 'tools/local/kafka');
const waysOut = 'or set KAFKA_BROKERS to a Kafka of yours, or use docker compose up (see docker-compose.yml).';
const leastJava = 17;

/** Where the broker's logging is configured. */
export const logConfiguration = pathToFileURL(join(kafkaDir, 'log4j2.properties')).href;

/** The folder of the broker's jars, which Maven brings, once per version of the pom. */
export async function kafkaLibraries(): Promise<string> {
  const pom = join(kafkaDir, 'pom.xml');
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const libraries = join(landfallDir, 'kafka-libs', version);
  if (!existsSync(libraries)) await fetchLibraries(pom, libraries);
  return libraries;
}

/** The `java` to run, JAVA_HOME's first. Throws one clear sentence when there is none, or when it is too old. */
export function requireJava(): string {
  const atHome = join(process.env['JAVA_HOME'] ?? '', 'bin', process.platform === 'win32' ? 'java.exe' : 'java');
  const java = process.env['JAVA_HOME'] && existsSync(atHome) ? atHome : 'java';
  const { status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  if (status !== 0) throw new SetupError(`Kafka needs Java, and there is none here: install Java ${leastJava} or newer, ${waysOut}`);
  const version = Number(/version "(\d+)/.exec(stderr)?.[1]);
  if (version < leastJava)
    throw new SetupError(`Kafka needs Java ${leastJava} or newer, and this is Java ${version}: install a newer one, ${waysOut}`);
  return java;
}

/** Into a folder of its own first: an interrupted download is never taken for a whole one, and parallel starts do not disturb each other. */
async function fetchLibraries(pom: string, libraries: string): Promise<void> {
  const draft = `${libraries}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    await maven(['-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${draft}`]);
    renameSync(draft, libraries);
  } catch (error) {
    if (!existsSync(libraries)) throw error; // otherwise another start was faster
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function maven(args: string[]): Promise<void> {
  const said: string[] = [];
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    const program = spawn(process.platform === 'win32' ? 'mvn.cmd' : 'mvn', ['-q', '-B', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    for (const output of [program.stdout, program.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
    program.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') reject(error);
      else
        reject(
          new SetupError(`Kafka's jars are fetched by Maven (mvn), and there is none here: install Maven, ${waysOut}`, { cause: error }),
        );
    });
    program.once('close', resolve);
  });
  if (exitCode !== 0) throw new SetupError(`Maven could not fetch Kafka's jars. Maven said: ${said.join('').trim().slice(-1500)}`);
}
