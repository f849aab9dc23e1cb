import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { loopback } from '../process/ports';

/** Stands between a client and its server, and does to their connections what networks do. */
export interface TcpProxy {
  readonly port: number;
  /** The address of a server, such as a database's URL or `host:port`, by way of this proxy. */
  through(address: string): string;
  /** From now on it swallows: connections stay open, new ones are accepted, and no byte passes in either direction. */
  swallow(): void;
  /** What was swallowed passes now, and so does what comes. */
  pass(): void;
  /** Every connection is reset. New ones pass. */
  cut(): void;
  close(): Promise<void>;
}

/** Listens on a port of its own, or on the given one. */
export async function startTcpProxy(target: { port: number; host?: string }, port = 0): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let swallowing = false;
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    if (swallowing) socket.pause();
  };
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host ?? loopback);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (bytes) => to.write(bytes));
      from.on('end', () => to.end());
      from.on('error', () => undefined); // its `close` says the same
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      take(from);
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, loopback, resolve));
  const listening = (server.address() as AddressInfo).port;
  return {
    port: listening,
    through: (address) => address.replace(/[^@/:]+:\d+(?=\/|$)/, `${loopback}:${listening}`),
    swallow: () => {
      swallowing = true;
      for (const socket of sockets) socket.pause();
    },
    pass: () => {
      swallowing = false;
      for (const socket of sockets) socket.resume();
    },
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
