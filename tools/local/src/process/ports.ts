import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { SetupError } from '../setup.error';
import { listenerOf } from './listener';

/** Everything of ours listens here and nowhere else. */
export const loopback = '127.0.0.1';

/**
 * Below those that an operating system gives to whoever asks for any (from 32768 on Linux, from 49152 elsewhere): the many servers and connections of specs have theirs, and a part of a
 * system that is down for a moment finds its own free again.
 */
const ours = { first: 10_000, count: 22_000 };
/** Each process begins somewhere else and goes on from there: two that look at the same time find others. */
let next = randomInt(ours.count);

/** A port that was free a moment ago. Somebody else may take it before we do: whoever starts a server on it must be ready to ask again. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < ours.count; tried++) {
    const port = ours.first + (next++ % ours.count);
    if (await isFree(port)) return port;
  }
  throw new SetupError(`No port from ${ours.first} to ${ours.first + ours.count - 1} is free. Stop what uses them.`);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen(port, loopback, () => server.close(() => resolve(true)));
  });
}

/** The remembered port where it is still free, so that addresses stay the same from start to start; another one otherwise. */
export async function freePortNear(remembered: number | undefined): Promise<number> {
  return remembered && (await isFree(remembered)) ? remembered : freePort();
}

/** Throws one clear sentence when a port that cannot be chosen freely is taken. */
export async function requireFree(port: number, purpose: string, wayOut: string): Promise<void> {
  if (await isFree(port)) return;
  const user = listenerOf(port);
  throw new SetupError(`Port ${port}, which ${purpose} needs, is in use${user ? ` by ${user}` : ''}. ${wayOut}`);
}
