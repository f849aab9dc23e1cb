import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** State of a listening socket in Linux's table of TCP sockets. */
const listening = '0A';

/**
 * Who listens on a port of this machine, as `name (process 123)`; undefined where the system does not say (not Linux, or another user's process).
 * It only makes an error message better, so what cannot be read is passed over.
 */
export function listenerOf(port: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const sockets = new Set([...socketsOn(port, '/proc/net/tcp'), ...socketsOn(port, '/proc/net/tcp6')].map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (holdsOneOf(pid, sockets)) return `${nameOf(pid)} (process ${pid})`;
  }
  return undefined;
}

function socketsOn(port: number, table: string): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readOr(() => readFileSync(table, 'utf8'), '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === listening)
    .map((columns) => columns[9] ?? '');
}

function holdsOneOf(pid: string, sockets: Set<string>): boolean {
  return readOr(() => readdirSync(`/proc/${pid}/fd`), []).some((fd) =>
    sockets.has(readOr(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')),
  );
}

/** The program's name, and the script for an interpreter: `node apps/gateway/dist/main.js` says more than `node`. */
function nameOf(pid: string): string {
  const [program = '', ...args] = readOr(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').split('\0');
  const script = args.find((arg) => /\.(m?js|py|rb|jar)$/.test(arg));
  return [basename(program) || 'an unnamed program', script].filter(Boolean).join(' ');
}

/** Processes and their files vanish while one looks, and those of other users are closed to us. */
function readOr<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise; // see above: a better message is all that is lost
  }
}
