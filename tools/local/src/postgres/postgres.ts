import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, type DatabaseError } from 'pg';
import { startGuarded, type GuardedProcess } from '../process/guarded-process';
import { endOrphan, noteOwner } from '../process/orphan';
import { freePort, loopback, requireFree } from '../process/ports';
import { NotReady, SetupError } from '../setup.error';
import { postgresBinaries, reachableDataDir, runAs } from './postgres.binaries';

export interface PostgresOptions {
  /** Kept between runs. As root, under a folder that is closed to other users, the data lies elsewhere: `dir` of the answer says where. */
  dataDir: string;
  /** Any free port when left out. */
  port?: number;
  /** Of the superuser; given when the data directory is made, and the same from then on. */
  password?: string;
  logFile?: string;
  /** Nobody needs the data after a crash of the machine: nothing waits for the disk. What is acknowledged is still there after a crash of the server alone. */
  isDisposable?: boolean;
  /** The server's own, as PEM: who wants to, comes encrypted. */
  certificate?: { readonly certificate: string; readonly key: string };
  /** Called as soon as there is a process, before it is ready: it can then be stopped while it starts. */
  onSpawn?(running: GuardedProcess): void;
}

export interface RunningPostgres {
  /** Superuser `postgres`, database `postgres`. */
  url: string;
  port: number;
  pid: number;
  /** Where the data really lies. */
  dir: string;
  /** Resolves when the server ended without being asked to. */
  ended: GuardedProcess['ended'];
  stop(): Promise<void>;
  /** SIGKILL, as a power cut would do it to the process. */
  kill(): Promise<void>;
}

/**
 * Modest in memory, honest about durability: fsync and synchronous_commit stay on unless the data is disposable, since "nothing is lost" is what the rest promises. No compiling of queries:
 * it costs more than it saves on statements of milliseconds.
 */
const settings: Record<string, string> = {
  listen_addresses: loopback,
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  huge_pages: 'off',
  work_mem: '4MB',
  max_wal_size: '512MB',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  autovacuum_naptime: '30s',
  log_timezone: 'UTC',
  timezone: 'UTC',
  log_line_prefix: '%m [%p] %u@%d ',
  // statements carry personal data
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** A busy machine needs some of it, and so does one that recovers what was in no checkpoint. */
const readyLimitMs = 300_000;
/** SQLSTATE of Postgres. */
const cannotConnectNow = '57P03';
const wrongPassword = '28P01';

const stopPatienceMs = 15_000;

/** Starts a Postgres on `dataDir`, making the data directory first where there is none. Ready for connections when it resolves. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dir = placeOf(options.dataDir);
  const owner = `${dir}.process.json`;
  const { password = 'postgres' } = options;
  const bin = postgresBinaries();
  await endOrphan(owner);
  if (!existsSync(join(dir, 'PG_VERSION'))) await initialise(bin, dir, password);
  rmSync(join(dir, 'postmaster.pid'), { force: true }); // its process is gone: endOrphan waited for that. A new process may have its number by now.
  if (options.port) await requireFree(options.port, 'Postgres', 'Stop that program, or set DATABASE_URL to a Postgres of yours.');
  const port = options.port ?? (await freePort());

  const logFile = options.logFile ?? `${dir}.log`;
  const server = await startGuarded({
    command: join(bin, 'postgres'),
    args: [
      '-D',
      dir,
      '-p',
      String(port),
      ...Object.entries({ ...settings, ...(options.isDisposable && { fsync: 'off' }), ...encryptionIn(dir, options) }).flatMap(
        ([name, value]) => ['-c', `${name}=${value}`],
      ),
    ],
    cwd: dir,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    ...runAs,
    stopSignal: 'SIGINT', // fast: ends sessions, writes a checkpoint
    patienceMs: stopPatienceMs,
    logFile,
  });
  options.onSpawn?.(server);
  noteOwner(owner, server);
  const url = `postgres://postgres:${encodeURIComponent(password)}@${loopback}:${port}/postgres`;
  await untilReady(url, server, logFile);
  return {
    url,
    port,
    pid: server.pid,
    dir,
    ended: server.ended,
    stop: async () => {
      await server.stop();
      rmSync(owner, { force: true });
    },
    kill: () => server.kill(),
  };
}

/** Postgres reads both from files that its own user alone may read. */
function encryptionIn(dir: string, { certificate: issued }: PostgresOptions): Record<string, string> {
  if (!issued) return {};
  const [certificate, key] = [join(dir, 'server.crt'), join(dir, 'server.key')];
  writeFileSync(certificate, issued.certificate, { mode: 0o600 });
  writeFileSync(key, issued.key, { mode: 0o600 });
  if (runAs.uid !== undefined && runAs.gid !== undefined) for (const path of [certificate, key]) chownSync(path, runAs.uid, runAs.gid);
  return { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key };
}

/**
 * Where the data lies, which may be outside of the repository (see `reachableDataDir`). A note in the wished place says where; when somebody has removed the
 * note together with everything else there, to begin anew, the data outside goes as well.
 */
function placeOf(wished: string): string {
  const dir = reachableDataDir(wished);
  const note = `${wished}.elsewhere`;
  if (dir === wished || existsSync(note)) return dir;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, `${dir}\n`);
  return dir;
}

/** Makes the data directory under the user who will run it. The password travels in a file that only that user can read, since arguments are public. */
async function initialise(bin: string, dir: string, password: string): Promise<void> {
  rmSync(dir, { recursive: true, force: true }); // what an interrupted initdb left
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const passwordFile = `${dir}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (runAs.uid !== undefined && runAs.gid !== undefined) for (const path of [dir, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
  const { exitCode, said } = await runInitdb(bin, dir, ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]);
  rmSync(passwordFile);
  if (exitCode === 0) return;
  rmSync(dir, { recursive: true, force: true });
  throw couldNotStart(said, dir);
}

async function runInitdb(bin: string, dir: string, access: string[]): Promise<{ exitCode: number | null; said: string }> {
  const args = ['-D', dir, ...access, '--locale=C', '--encoding=UTF8', '--no-instructions'];
  const said: string[] = [];
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    const initdb = spawn(join(bin, 'initdb'), args, {
      ...runAs,
      cwd: dir,
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [initdb.stdout, initdb.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
    initdb.once('error', reject);
    initdb.once('close', resolve);
  });
  return { exitCode, said: said.join('') };
}

/** Resolves when the server takes connections. Exported for its spec: another Postgres may be asked behind a proxy that keeps it busy. */
export async function untilReady(url: string, server: Pick<GuardedProcess, 'ended' | 'stop'>, logFile: string): Promise<void> {
  let endedEarly: string | undefined;
  void server.ended.then(({ lastLines }) => (endedEarly = lastLines));
  for (const until = Date.now() + readyLimitMs; ; await wait(25)) {
    if (endedEarly !== undefined) throw couldNotStart(endedEarly, '');
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000 });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (isStillStarting(error) && Date.now() < until) continue;
      await server.stop();
      if ((error as DatabaseError).code === wrongPassword)
        throw new SetupError('The data of the local Postgres was made with another password.', { cause: error });
      throw new NotReady('Postgres', readyLimitMs, logFile, error);
    } finally {
      await client.end();
    }
  }
}

/** Not yet listening, recovering what was not in a checkpoint, or too busy to answer at once: for that pg has no code. */
function isStillStarting(error: unknown): boolean {
  const { code, message } = error as DatabaseError;
  return message === 'timeout expired' || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === cannotConnectNow;
}

function couldNotStart(said: string, dir: string): Error {
  if (/No space left on device/.test(said))
    return new SetupError('Postgres could not start: there is no space left on the disk. Free some space and start again.');
  const where = dir ? ` on ${dir}` : '';
  return new SetupError(`Postgres could not start${where}: ${said.trim().split('\n').slice(-5).join('\n')}`);
}
