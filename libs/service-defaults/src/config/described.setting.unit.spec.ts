import { hostname } from 'node:os';
import { z } from 'zod';
import { defineConfig } from './config';
import { count, isoDuration, list, networks, oneOf, postgresUrl, secret } from './setting';

const config = defineConfig('shop', {
  DATABASE_URL: postgresUrl(),
  HOSTS: list(),
  CLIENT_SECRET: secret().optional(),
  SECRET_EXPIRES: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional(),
  PARTITIONS: count({ min: 1, max: 64 }, 8),
  HOLD: isoDuration('PT4S').refine((ms) => ms > 100, 'it must be more'),
  LEVEL: oneOf(['info', 'warn'], 'info'),
  ADAPTER: z.enum(['none', 'kafka']).default('none'),
  APP_ID: z.guid().toLowerCase().optional(),
  PROXIES: networks(),
  INSTANCE_NAME: z.string().default(hostname()),
});

const duration = 'an ISO 8601 duration such as PT2S, PT15M or P30D';

it.each([
  ['DATABASE_URL', null, true, 'a URL like postgres://user:password@host:5432/database, without parameters for TLS or another host', true],
  ['HOSTS', null, true, 'one or more values separated by commas', false],
  ['CLIENT_SECRET', null, false, 'any text', true],
  ['SECRET_EXPIRES', null, false, 'a date or an instant with its offset', false],
  ['PARTITIONS', '8', false, 'a whole number from 1 to 64', false],
  ['HOLD', 'PT4S', false, duration, false],
  ['LEVEL', 'info', false, 'one of info, warn', false],
  ['ADAPTER', 'none', false, 'one of none, kafka', false],
  ['APP_ID', null, false, 'a GUID', false],
  ['PROXIES', null, false, 'IP addresses and networks like 10.0.0.0/8, separated by commas', false],
  ['INSTANCE_NAME', 'the name of the host', false, 'any text', false],
])('describes %s without reading anything: its default, whether it is required, what it may be, whether it is secret', (...expected) => {
  const [name, fallback, isRequired, allowed, isSecret] = expected;
  expect(config.describe().find((setting) => setting.name === name)).toEqual({ name, fallback, isRequired, allowed, isSecret });
});
