import { startNode, type NodeProcess } from '../process/node-process';
import { intoLines } from '../process/lines';
import { repositoryDir } from '../repository';
import { NotReady, SetupError } from '../setup.error';
import { emulatorName, scriptOf } from './services';

/** What the emulator prints when it is ready, and all that a publisher's system must be told about its marketplace. */
export interface EmulatorDetails {
  apiUrl: string;
  authorityUrl: string;
  controlUrl: string;
  storeUrl: string;
  /** `host:port` of the names that links from the marketplace may carry. */
  linkHosts: string[];
  tenantId: string;
  clientId: string;
  clientSecret: string;
  signinClientId: string;
  signinClientSecret: string;
  operatorsAuthorityUrl: string;
  operatorsAudience: string;
  operatorsClientId: string;
  operatorsClientSecret: string;
  perSeatOfferId: string;
  meteredOfferId: string;
}

export interface EmulatorStart {
  port: number;
  dataDir: string;
  landingUrl: string;
  webhookUrl: string;
  env: Record<string, string | undefined>;
  /** What `onOutput` writes to: named where it does not get ready. */
  logFile: string;
  onOutput(piece?: string): void;
  onSpawn?(running: NodeProcess): void;
}

/** While its process lives it is waited for as long as for a service: only a busy machine is so slow, and what has failed has ended. */
const readyLimitMs = 300_000;
const patienceMs = 5_000;

/** Starts the marketplace-emulator and resolves with what it says of itself. Its one line of JSON holds secrets and goes into no log. */
export async function startEmulator({
  port,
  dataDir,
  landingUrl,
  webhookUrl,
  env,
  logFile,
  onOutput,
  onSpawn,
}: EmulatorStart): Promise<NodeProcess & { details: EmulatorDetails }> {
  const args = ['--port', String(port), '--json', '--landing-url', landingUrl, '--webhook-url', webhookUrl, '--data-dir', dataDir];
  let announce: (details: EmulatorDetails) => void = () => undefined;
  const announced = new Promise<EmulatorDetails>((resolve) => (announce = resolve));
  const takeLine = intoLines((line) => {
    const details = line.startsWith('{"') && line.includes('"controlUrl"') ? (JSON.parse(line) as EmulatorDetails) : undefined;
    if (details) announce(details);
    else onOutput(`${line}\n`);
  });
  const running = startNode({
    script: scriptOf(emulatorName, 'main'),
    args,
    cwd: repositoryDir,
    env,
    flags: ['--max-old-space-size=192', '--max-semi-space-size=8'],
    patienceMs,
    onOutput: takeLine,
  });
  onSpawn?.(running);
  const failed = running.ended.then(({ lastLines }) => {
    throw new SetupError(`The ${emulatorName} ended before it was ready: ${lastLines.trim()}`);
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NotReady(`The ${emulatorName}`, readyLimitMs, logFile)), readyLimitMs);
  });
  try {
    return { ...running, details: await Promise.race([announced, failed, tooLate]) };
  } catch (error) {
    await running.kill();
    throw error;
  } finally {
    clearTimeout(timer);
    failed.catch(() => undefined); // after it was ready its end is the business of whoever supervises it
  }
}
