import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './networks';

/** Why a connection was refused: too many in all, or too many of one address. */
export type Refusal = 'connections' | 'address';

/** What a server bears, in bytes, milliseconds and connections. Each is there: a server without one of them can be held open. */
export interface ServerLimits {
  /** The request line and all headers of one request. */
  readonly headerBytes: number;
  /** From the connection, or from the first byte of a later request, to the last byte of its headers. */
  readonly headersMs: number;
  /** The same to the last byte of its body, answered or not. At least `headersMs`. */
  readonly requestMs: number;
  /** From the headers of a request until the caller has taken the whole answer. At least `requestMs`. */
  readonly exchangeMs: number;
  /** Until the next request of a connection. */
  readonly keepAliveMs: number;
  /** Open at the same time. */
  readonly connections: number;
  readonly perAddress?: AddressLimits;
  /** For a metric. */
  readonly onRefused?: (reason: Refusal) => void;
}

interface AddressLimits {
  /** Of one address, or of one /64 in IPv6, open at the same time. */
  readonly connections: number;
  /** Whether many callers come from this address: there is no limit for it. */
  isShared(address: string): boolean;
  /** Whether a request is taken whatever its address has open. */
  isExempt(request: IncomingMessage): boolean;
}

/** Connections beyond their address's limit, each with the timer that ends it. */
type Surplus = WeakMap<Socket, NodeJS.Timeout>;

/** How late a limit of time may be noticed. */
const CHECK_INTERVAL_MS = 500;
/** A connection beyond its address's limit has so long to show that its request is exempt. */
const SURPLUS_HEADERS_MS = 2_000;
const RETRY_AFTER_SECONDS = '30';
const TOO_MANY = 'There are too many connections from your address. Close some of them, and try again in half a minute.\n';

/** An HTTP server in which nothing is open without end. @throws RangeError where a longer span has the shorter limit */
export function boundedServer(listener: RequestListener, limits: ServerLimits): Server {
  // Node silently swaps the first two where they are in the wrong order, and then neither holds
  if (limits.headersMs > limits.requestMs || limits.requestMs > limits.exchangeMs)
    throw new RangeError('headersMs, requestMs and exchangeMs must not fall: each span contains the one before');
  const surplus: Surplus = new WeakMap();
  const settings = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
  };
  const server = createServer(settings, (request, response) => {
    const deadline = surplus.get(request.socket);
    if (deadline) {
      clearTimeout(deadline);
      response.shouldKeepAlive = false;
      if (!limits.perAddress?.isExempt(request)) return refuse(response, limits);
    }
    endInTime(request, response, limits.exchangeMs);
    listener(request, response);
  });
  server.maxConnections = limits.connections;
  server.on('drop', () => limits.onRefused?.('connections'));
  if (limits.perAddress) countAddresses(server, limits.perAddress, surplus);
  return server;
}

function countAddresses(server: Server, { connections, isShared }: AddressLimits, surplus: Surplus): void {
  const open = new Map<string, number>(); // holds no more entries than there are connections
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isShared(address)) return;
    const network = networkOf(address);
    const count = (open.get(network) ?? 0) + 1;
    open.set(network, count);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
    if (count > connections) holdBriefly(socket, surplus);
  });
}

function holdBriefly(socket: Socket, surplus: Surplus): void {
  const deadline = setTimeout(() => socket.destroy(), SURPLUS_HEADERS_MS).unref();
  surplus.set(socket, deadline);
  socket.once('close', () => clearTimeout(deadline));
}

function refuse(response: ServerResponse, { onRefused }: ServerLimits): void {
  onRefused?.('address');
  response.writeHead(429, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': RETRY_AFTER_SECONDS });
  response.end(TOO_MANY, () => response.socket?.destroySoon()); // whatever of the body is still to come
}

/** A handler that hangs, or a caller that does not read, ends with its connection. */
function endInTime({ socket }: IncomingMessage, response: ServerResponse, limitMs: number): void {
  const deadline = setTimeout(() => socket.destroy(), limitMs).unref();
  response.once('close', () => clearTimeout(deadline));
}
