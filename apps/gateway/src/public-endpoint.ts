import { join } from 'node:path';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { Logger, type INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { PublicServer } from '@landfall/service-defaults';
import { config, type GatewayValues } from './gateway.config';
import { isWebhook, plainUrl } from './plain-url';
import { FORM_LIMIT_BYTES } from './form';
import { PageFilter } from './pages/page.filter';

/**
 * A landing URL holds a purchase token, each character of it perhaps percent-encoded; beside it come the cookies of arrivals and sign-ins.
 * Node allows 16 kB by default.
 */
const HEADER_LIMIT_BYTES = 48 * 1024;
const ASSET_LIFE = '1h';

/**
 * The server of the public endpoint. Nothing that Microsoft posts is refused for what its address has open. Microsoft's requests carry a
 * token, whose check is then up to the handler.
 */
export const publicServer = ({ TRUSTED_PROXIES }: Pick<GatewayValues, 'TRUSTED_PROXIES'>): PublicServer => ({
  trustedProxies: TRUSTED_PROXIES,
  headerBytes: HEADER_LIMIT_BYTES,
  isExempt: ({ url, headers }) => headers.authorization !== undefined && isWebhook(url),
  rewriteUrl: plainUrl,
});

/** What every answer of the public endpoint has, and how its requests are read. */
export async function configurePublicEndpoint(fastify: FastifyInstance, app: INestApplication): Promise<void> {
  app.useGlobalFilters(app.get(PageFilter)); // the last one given is asked first: people get pages, also for what is nowhere
  readBodies(fastify);
  warnOfUntrustedProxy(fastify);
  leaveWebhooksPlain(fastify);
  await fastify.register(cookie);
  await fastify.register(helmet, headers(config.values.PUBLIC_URL.startsWith('https:')));
  await fastify.register(fastifyStatic, {
    root: join(__dirname, '../assets'),
    prefix: '/assets/',
    maxAge: ASSET_LIFE,
    index: false,
    decorateReply: false,
  });
}

/** What protects a page in a browser protects nothing in an answer to Microsoft, and to make it took a tenth of a webhook's CPU. */
function leaveWebhooksPlain(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (isWebhook(route.url)) route.helmet = false;
  });
}

/**
 * Forms are read here and become `URLSearchParams`. Everything else, above all webhooks, is left in the socket for its handler: so no
 * framework answers Microsoft with 400, 413 or 415, which would reject an order. A webhook's content type is ignored for the same reason.
 */
function readBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  fastify.addHook('onRequest', async (request) => {
    if (isWebhook(request.raw.url)) delete request.raw.headers['content-type'];
  });
}

/**
 * The one sign of a proxy that `TRUSTED_PROXIES` does not name: everybody behind it then shares its address's limits. Said once in the life
 * of a process, since any visitor can send the header as well.
 */
function warnOfUntrustedProxy(fastify: FastifyInstance): void {
  let isSaid = false;
  fastify.addHook('onRequest', async ({ headers, socket }) => {
    if (isSaid || headers['x-forwarded-for'] === undefined || config.values.TRUSTED_PROXIES.has(socket.remoteAddress ?? '')) return;
    isSaid = true;
    new Logger('PublicEndpoint').warn(
      { remoteAddress: socket.remoteAddress },
      'X-Forwarded-For came from an address that TRUSTED_PROXIES does not name: where that is a proxy of ours, all customers behind it share one limit',
    );
  });
}

function headers(isEncrypted: boolean): Parameters<typeof helmet>[1] {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: isEncrypted ? { maxAge: 31_536_000 } : false,
  };
}
