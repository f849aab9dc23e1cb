import { createServer } from 'node:net';
import { SetupError } from '../setup.error';
import { listenerOf } from './listener';

/** Everything of ours listens here and nowhere else. */
export const loopback = '127.0.0.1';

/** A port that was free a moment ago. Somebody else may take it before we do: whoever starts a server on it must be ready to ask again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, loopback, () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port was given'))));
    });
  });
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
