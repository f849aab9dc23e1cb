import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Addresses } from '../identity/addresses';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Keeps the pages of other origins from acting in the browser of whoever runs the emulator. The `Host` has to be one of its own, else a name
 * that somebody has led to this address would make a page of theirs one of ours (DNS rebinding); and what a browser writes has to come from
 * a page of its own. A program sends neither `Origin` nor `Sec-Fetch-Site`, and may write.
 */
export function keepForeignPagesOut(server: FastifyInstance, addresses: Pick<Addresses, 'ownHosts'>): void {
  let ownHosts: Set<string> | undefined;
  const isOwn = (host: string, request: FastifyRequest) => {
    ownHosts ??= addresses.ownHosts; // known from when the server listens
    return ownHosts.has(host.toLowerCase()) || host.toLowerCase() === listeningHost(request);
  };
  server.addHook('onRequest', async (request, reply) => {
    const { host = '', origin } = request.headers;
    if (!isOwn(host, request)) {
      const names = [...(ownHosts ?? [])].join(', ');
      return reply.code(403).send({ error: `The emulator is not known as ${host}, only as ${names}; --public-url gives it another name.` });
    }
    if (reading.has(request.method) || isOfOwnPage(request, origin, isOwn)) return undefined;
    return reply.code(403).send({ error: `A page of another origin (${origin ?? 'not named'}) may not write here.` });
  });
}

function isOfOwnPage(
  request: FastifyRequest,
  origin: string | undefined,
  isOwn: (host: string, request: FastifyRequest) => boolean,
): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined || origin === 'null') return origin === undefined || site !== undefined; // a hidden origin is as foreign as the site
  return URL.canParse(origin) && isOwn(new URL(origin).host, request);
}

/** The address that the connection came in at, where the server listens on others than loopback's. */
function listeningHost({ socket }: FastifyRequest): string {
  const address = (socket.localAddress ?? '').replace(/^::ffff:/, '');
  return `${address.includes(':') ? `[${address}]` : address}:${socket.localPort}`;
}
