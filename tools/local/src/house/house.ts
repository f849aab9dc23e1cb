import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HouseLog } from '../log/house-log';
import type { LogLine } from '../log/log-line';
import { choosePorts } from './house-ports';
import { HouseParts } from './house-parts';
import { leaveHouse, removeRun, takeHouse, writeRun, type Run } from './run-json';
import { requireSpace } from './space';
import { serviceNames, type ServiceName } from './services';

export interface HouseOptions {
  /** Data, logs, secrets, `run.json`. One house per folder. */
  dir: string;
  /** `fixed`: 8080, 8090, 9100 … for people; `free`: any, for tests. */
  ports: 'fixed' | 'free';
  /** All when left out. */
  services?: readonly ServiceName[];
  /** Settings of the services, and DATABASE_URL, KAFKA_BROKERS and MARKETPLACE_API_URL of others to use instead of our own. Left out: those of this process. */
  env?: Record<string, string | undefined>;
  /** Aborting it stops a house that is still starting; `startHouse` then rejects. */
  signal?: AbortSignal;
  /** Sees each readable log line as it comes. */
  onLine?(line: LogLine): void;
}

/** A whole house, ready. Names are those of services, `marketplace-emulator`, `postgres` and `kafka`. */
export interface House {
  /** As in `run.json`; process ids are those of now. */
  readonly run: Run;
  /** SIGKILL. It stays down until `restart`, while a part that dies by itself is started again. */
  kill(name: string): Promise<void>;
  /** Resolves when the part is ready again. */
  restart(name: string): Promise<void>;
  /** Stops everything in order. Data and logs stay. */
  stop(): Promise<void>;
  /** What one part has written, whole. */
  logFile(name: string): string;
}

/** Starts a whole house and resolves when every part is ready. When a part can't start, what has started is stopped again and the reason is thrown. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const { dir, ports: kind, services = serviceNames, env = process.env, onLine = () => undefined } = options;
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, statSync(dir).mode | 0o011); // as root, Postgres runs as another user, who must reach its data; secrets have modes of their own
  requireSpace(dir);
  takeHouse(dir);
  const log = new HouseLog(join(dir, 'logs'), onLine);
  let parts: HouseParts | undefined;
  let stopped: Promise<void> | undefined;
  const stopEverything = async () => {
    removeRun(dir);
    await parts?.stop();
    leaveHouse(dir);
    log.close();
  };
  const stop = () => (stopped ??= stopEverything());
  try {
    const ports = await choosePorts(dir, kind, env);
    const house = new HouseParts(dir, ports, env, log, () => writeRun(dir, house.run()));
    parts = house;
    options.signal?.addEventListener('abort', () => void house.stop(), { once: true });
    options.signal?.throwIfAborted();
    await house.start(services);
    writeRun(dir, house.run());
    return {
      get run() {
        return house.run();
      },
      kill: (name) => house.part(name).kill(),
      restart: async (name) => {
        await house.part(name).restart();
        writeRun(dir, house.run());
      },
      stop,
      logFile: (name) => log.fileOf(name),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
