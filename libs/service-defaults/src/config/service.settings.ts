import { hostname } from 'node:os';
import { z } from 'zod';
import type { ValuesOf } from './config';
import { address, flag, isoDuration, loopbackUrl, oneOf, port, postgresUrl, url } from './setting';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What every service can be told. An application adds its own settings to these. */
export const serviceSettings = {
  /** The service's own role, which may touch its own schema alone. */
  DATABASE_URL: postgresUrl(),
  /** Encrypted, with a certificate that is checked. Not set: everywhere but on loopback. */
  DATABASE_SSL: flag().optional(),
  /** The authorities that signed the server's certificate, as PEM. Not set: those that Node brings. */
  DATABASE_SSL_CA: z.string().optional(),
  /** Metrics, health and REST. */
  MANAGEMENT_PORT: port(9100),
  /** Where its ports listen. In a container `0.0.0.0`. */
  BIND_ADDRESS: address('127.0.0.1'),
  /** The least severe lines that are logged. */
  LOG_LEVEL: oneOf(LEVELS, 'info'),
  /** Stable over restarts and unique per living copy: a Kafka group knows a restarted copy by it. */
  INSTANCE_NAME: z.string().max(200).default(hostname()),
  /** Where business time comes from on a laptop. Loopback only. */
  CLOCK_URL: loopbackUrl().optional(),
  /** The tenant of the company's identity provider: `/.well-known/openid-configuration` lies below it. */
  OPERATORS_AUTHORITY_URL: url().optional(),
  /** The audience of operators' tokens. Without it and the authority every endpoint that needs a role is closed. */
  OPERATORS_AUDIENCE: z.string().optional(),
  /** JWK set with the keys of this service (`keyring.ts`). */
  KEYRING_FILE: z.string().optional(),
  /** How long a service that was told to stop goes on accepting requests while it says "not ready", so that a load balancer has noticed. */
  STOP_DELAY: isoDuration('PT0S'),
};

export type ServiceValues = ValuesOf<typeof serviceSettings>;
