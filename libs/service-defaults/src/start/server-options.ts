import type { IncomingMessage } from 'node:http';
import { boundedServer, type Networks, type ServerLimits } from '@landfall/http-server';
import type { FastifyServerOptions } from 'fastify';
import { countRefusedConnection } from '../http/request.metrics';
import { correlationIdOf } from '../http/request.measurement';

const BODY_LIMIT_BYTES = 64 * 1024;
const PATH_PARAMETER_LENGTH = 200;

/** Of every server. A management port is asked by probes, Prometheus, operators and products. */
const limits: ServerLimits = {
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 15_000,
  /** Longer than any handler takes, a held webhook included. */
  exchangeMs: 30_000,
  /** Longer than the idle time of the usual load balancer (60 s), so that the balancer closes first and no request meets a closed socket. */
  keepAliveMs: 72_000,
  connections: 500,
  onRefused: countRefusedConnection,
};
/** Some 40 kB each while their headers arrive. */
const PUBLIC_CONNECTIONS = 4_000;
/** A browser opens six; an office behind one address has many browsers. */
const CONNECTIONS_PER_ADDRESS = 200;

/** What is particular about the server of a public port. */
export interface PublicServer {
  /** The proxies in front: their `X-Forwarded-*` headers are believed, and everybody behind them shares their address. */
  readonly trustedProxies: Networks;
  readonly headerBytes?: number;
  /** Requests that are taken whatever their address has open. */
  isExempt?(request: IncomingMessage): boolean;
  /** Where a request is routed that has another spelling of an address. */
  rewriteUrl?(url: string): string;
}

/** The options of a server that is bounded in all that it holds open, with or without a public one's. */
export function serverOptions(publicServer?: PublicServer): FastifyServerOptions {
  const bounds = publicServer ? publicLimits(publicServer) : limits;
  const rewriteUrl = publicServer?.rewriteUrl;
  return {
    serverFactory: (handler) => boundedServer(handler, bounds),
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: PATH_PARAMETER_LENGTH },
    trustProxy: publicServer ? (address) => publicServer.trustedProxies.has(address) : false,
    genReqId: correlationIdOf,
    ...(rewriteUrl && { rewriteUrl: (request: { url?: string }) => rewriteUrl(request.url ?? '/') }),
  };
}

function publicLimits({ trustedProxies, headerBytes = limits.headerBytes, isExempt = () => false }: PublicServer): ServerLimits {
  const isShared = (address: string) => trustedProxies.has(address);
  return {
    ...limits,
    headerBytes,
    connections: PUBLIC_CONNECTIONS,
    perAddress: { connections: CONNECTIONS_PER_ADDRESS, isShared, isExempt },
  };
}
