import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startGuarded, type GuardedProcess, type GuardedProgram } from '../process/guarded-process';
import { intoLines } from '../process/lines';
import { controllerProperties, type BrokerPorts } from './kafka.properties';

/** Kafka writes it at the end of a clean stop and removes it when it starts. */
const cleanStopFile = '.kafka_cleanshutdown';

/** How long all of it may take. After that the broker is started all the same: it then waits for the old registration to run out by itself, some 13 s. */
const limitMs = 20_000;

/** A controller that is active fences what has not reported within its session of 0.2 s; a registration that was fenced before is not fenced again. */
const fencingLimitMs = 3_000;

const lookIntervalMs = 25;

/** Whether the broker on this data was killed, or the machine lost its power. */
export function wasStoppedUncleanly(dataDir: string): boolean {
  return !existsSync(join(dataDir, cleanStopFile));
}

export interface RegistrationOwner {
  dataDir: string;
  ports: BrokerPorts;
  /** The broker's program without its last argument, the file of properties. */
  program: GuardedProgram;
  onSpawn(running: GuardedProcess): void;
}

/**
 * Ends the registration of a broker that was killed, so that its next start need not wait for it. A controller refuses a broker that comes with a new
 * incarnation while the session of the old one is valid, and a controller that starts gives each old one a whole session. So the controller is started alone
 * first, with a session of 0.2 s: it fences the old registration at once, as it would have after nine seconds, and is stopped again.
 */
export async function fenceStaleRegistration({ dataDir, ports, program, onSpawn }: RegistrationOwner): Promise<void> {
  const properties = `${dataDir}.controller.properties`;
  writeFileSync(properties, controllerProperties(dataDir, ports));
  let activeAt: number | undefined;
  let isFenced = false;
  const controller = await startGuarded({
    ...program,
    args: [...program.args, properties],
    onOutput: intoLines((line) => {
      if (line.includes('Performing controller activation')) activeAt = Date.now();
      else if (activeAt !== undefined && /Replayed BrokerRegistrationChangeRecord.*fenced=1\b/.test(line)) isFenced = true;
    }),
  });
  onSpawn(controller);
  let hasEnded = false;
  void controller.ended.then(() => (hasEnded = true));
  const isTooLate = () => activeAt !== undefined && Date.now() > activeAt + fencingLimitMs;
  for (const until = Date.now() + limitMs; !isFenced && !hasEnded && !isTooLate() && Date.now() < until;) await wait(lookIntervalMs);
  await controller.stop();
}
