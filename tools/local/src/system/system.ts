import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { copiesOf } from '../copies/copies';
import { SystemLog } from '../log/system-log';
import type { LogLine } from '../log/log-line';
import { choosePorts } from './system-ports';
import { SystemParts, type KafkaLogin } from './system-parts';
import { releaseFolder, removeRun, claimFolder, writeRun, type Run } from './run-json';
import { requireSpace } from './space';
import { serviceNames } from './services';

export interface SystemOptions {
  /** Data, logs, secrets, `run.json`. One system per folder. */
  dir: string;
  /** `fixed`: those of `services.json`, for people; `free`: any, for tests. */
  ports: 'fixed' | 'free';
  /** Left out: all that `services.json` says are started. */
  services?: readonly string[];
  /**
   * Settings of the services; DATABASE_URL, KAFKA_BROKERS and MARKETPLACE_API_URL of others to use instead of our own; COPIES, CLOCK_SKEW and PUBLISHERS. Left out: those of
   * this process.
   */
  env?: Record<string, string | undefined>;
  /** Its own Kafka and Postgres are encrypted, Kafka asks each service for its login and lets it do what it needs alone. Left out: both believe whoever is on this machine. */
  secured?: boolean;
  /** Aborting it stops a system that is still starting; `startSystem` then rejects. */
  signal?: AbortSignal;
  /** Sees each readable log line as it comes. */
  onLine?(line: LogLine): void;
}

/** A whole system, ready. Names are those of copies of services (`fulfillment`, `fulfillment-2`), `marketplace-emulator`, `postgres` and `kafka`. */
export interface System {
  /** As in `run.json`; process ids are those of now. */
  readonly run: Run;
  /** SIGKILL. It stays down until `restart`, while a part that dies by itself is started again. */
  kill(name: string): Promise<void>;
  /** SIGSTOP to all its processes. A service that is frozen for half a minute is killed and started again, as everywhere. */
  freeze(name: string): void;
  /** What was frozen goes on. */
  thaw(name: string): void;
  /** Resolves when the part is ready again. */
  restart(name: string): Promise<void>;
  /** Stops everything in order. Data and logs stay. */
  stop(): Promise<void>;
  /** SIGKILL to everything at once, where nobody needs the data afterwards: it may be removed when this resolves. */
  killAll(): Promise<void>;
  /** What one part has written, whole. */
  logFile(name: string): string;
  /** How a client reaches this system's Kafka: as `product`, or as `admin` who may do everything. */
  kafkaLogin(login: 'product' | 'admin'): KafkaLogin;
}

/** Starts a whole system and resolves when every part is ready. When a part can't start, what has started is stopped again and the reason is thrown. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dir, ports: kind, services = serviceNames, env = process.env, secured = false, onLine = () => undefined } = options;
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, statSync(dir).mode | 0o011); // as root, Postgres runs as another user, who must reach its data; secrets have modes of their own
  requireSpace(dir);
  claimFolder(dir);
  const log = new SystemLog(join(dir, 'logs'), onLine);
  let parts: SystemParts | undefined;
  let stopped: Promise<void> | undefined;
  let isReady = false;
  const stopEverything = async (how: 'stop' | 'kill') => {
    isReady = false;
    removeRun(dir);
    await parts?.[how]();
    releaseFolder(dir);
    log.close();
  };
  const stop = () => (stopped ??= stopEverything('stop'));
  try {
    const copies = copiesOf(services, env);
    const ports = await choosePorts(dir, kind, copies, env, (message) => log.say('warn', message));
    const system = new SystemParts({ dir, ports, env, log, isSecured: secured, onChange: () => isReady && writeRun(dir, system.run()) });
    parts = system;
    options.signal?.addEventListener('abort', () => void system.stop(), { once: true });
    options.signal?.throwIfAborted();
    await system.start(copies);
    isReady = true;
    writeRun(dir, system.run());
    return {
      get run() {
        return system.run();
      },
      kill: (name) => system.part(name).kill(),
      freeze: (name) => system.part(name).freeze(),
      thaw: (name) => system.part(name).thaw(),
      restart: async (name) => {
        await system.part(name).restart();
        if (isReady) writeRun(dir, system.run());
      },
      stop,
      killAll: () => (stopped ??= stopEverything('kill')),
      logFile: (name) => log.fileOf(name),
      kafkaLogin: (login) => system.kafkaLogin(login),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
