import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineConfig } from './config';
import { ConfigurationInvalid } from './config.errors';
import { serviceSettings } from './service.settings';
import { count, durationMs, flag, instant, isoDuration, json, list, loopbackUrl, port, postgresUrl, secret, url } from './setting';

const DATABASE_URL = 'postgres://landfall_shop:hush@localhost:5432/landfall';
const config = defineConfig('shop', {
  ...serviceSettings,
  API_URL: url(),
  POLL_INTERVAL: isoDuration('PT2S'),
  HOSTS: list('a.example, b.example'),
  PARTITIONS: count({ min: 1, max: 64 }, 8),
  PARTNER: secret(),
  LABEL: z.string().optional(),
});
const valid = { DATABASE_URL, API_URL: 'https://api.example/v2/', PARTNER: 'hush' };

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    config.read(environment);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  const dir = mkdtempSync(join(tmpdir(), 'config-'));
  const fileWith = (text: string) => {
    const path = join(dir, 'mounted');
    writeFileSync(path, text);
    return path;
  };
  afterAll(() => rmSync(dir, { recursive: true }));

  it('fills in defaults and reads every kind of value', () => {
    expect(config.read({ ...valid, POLL_INTERVAL: 'PT1M30S', MANAGEMENT_PORT: '9102', DATABASE_SSL: 'true' })).toMatchObject({
      API_URL: 'https://api.example/v2',
      BIND_ADDRESS: '127.0.0.1',
      DATABASE_SSL: true,
      HOSTS: ['a.example', 'b.example'],
      LABEL: undefined,
      PARTITIONS: 8,
      MANAGEMENT_PORT: 9102,
      POLL_INTERVAL: 90_000,
      STOP_DELAY: 0,
    });
  });

  it('names everything that is wrong at once: what, what was given, what is allowed', () => {
    expect(
      problemsOf({
        API_URL: 'http://api.example',
        POLL_INTERVAL: '2s',
        MANAGEMENT_PORT: '99999',
        PARTITIONS: '0',
        HOSTS: ' , ',
        LOG_LEVEL: 'loud',
      }),
    ).toEqual([
      'DATABASE_URL is not set, and there is no default for it',
      'MANAGEMENT_PORT is "99999": it must be a port from 0 to 65535',
      'LOG_LEVEL is "loud": it must be one of trace, debug, info, warn, error, fatal, silent',
      'API_URL is "http://api.example": it must be an https URL (plain http only towards localhost)',
      'POLL_INTERVAL is "2s": it must be an ISO 8601 duration such as PT2S, PT15M or P30D',
      'HOSTS is " , ": it must be one or more values separated by commas',
      'PARTITIONS is "0": it must be a whole number from 1 to 64',
      'PARTNER is not set, and there is no default for it',
    ]);
    expect(() => config.read({})).toThrow('shop cannot start: 3 settings are wrong.\n  - DATABASE_URL is not set');
  });

  it('never prints a secret, also where it is wrong', () => {
    const hush = defineConfig('shop', {
      DATABASE_URL: serviceSettings.DATABASE_URL,
      CLIENT_SECRET: z.string().max(3),
      PIN: secret()
        .refine(() => false, 'too weak')
        .optional(),
      API_URL: url(),
    });
    const read = () =>
      hush.read({
        DATABASE_URL: 'mysql://me:hush@localhost/x',
        CLIENT_SECRET: 'hush',
        PIN: 'hush',
        API_URL: 'https://me:hush@api.example',
      });
    expect(read).toThrow('4 settings are wrong');
    expect(read).not.toThrow('hush');
  });

  it('reads JSON, and names what is wrong in it by place, all at once, and without its values', () => {
    const shops = defineConfig('shop', {
      SHOPS: json(z.array(z.strictObject({ name: z.string().max(9, 'it is too long'), keyFile: z.string() })).max(2, 'too many'), '[]'),
    });
    const read = (text: string) => () => shops.read({ SHOPS: text });
    expect(shops.read({}).SHOPS).toEqual([]);
    expect(read('[{"name":"a","keyFile":"/a"}]')().SHOPS).toEqual([{ name: 'a', keyFile: '/a' }]);
    expect(read('[{"key":"hush')).toThrow('- SHOPS is wrong (its value is not shown): it must be JSON.');
    expect(read('[{"name":"hush hush hush","keyFile":"/a"},{"name":"b","key":"hush"}]')).toThrow(
      /not shown\): \[0\]\.name: it is too long; \[1\]\.keyFile: .*; \[1\]: Unrecognized key: "key"\.$/,
    );
    for (const text of ['[{"key":"hush', '["hush"]', '[{"name":"b","key":"hush"}]']) expect(read(text)).not.toThrow('hush');
    expect(read('[{"name":"hush"},{"name":"hush"},{"name":"hush"}]')).toThrow('too many');
  });

  it('refuses settings that are right each by itself, and wrong together', () => {
    const settings = { FROM: port(1), TO: port(9) };
    const range = defineConfig('shop', settings, ({ FROM, TO }) => (FROM > TO ? ['FROM is above TO'] : []));
    expect(range.read({})).toEqual({ FROM: 1, TO: 9 });
    expect(() => range.read({ FROM: '10' })).toThrow('shop cannot start: one setting is wrong.\n  - FROM is above TO.');
  });

  it('reads NAME_FILE without the line break at its end, and refuses it beside NAME', () => {
    const { PARTNER: _, ...others } = valid;
    expect(config.read({ ...others, PARTNER_FILE: fileWith('from a file\n') }).PARTNER).toBe('from a file');
    expect(problemsOf({ ...valid, PARTNER_FILE: fileWith('x') })).toEqual(['PARTNER and PARTNER_FILE are both set: keep one of them']);
    expect(problemsOf({ ...others, PARTNER_FILE: join(dir, 'none') })).toEqual([
      expect.stringContaining('PARTNER_FILE names a file that cannot be read: ENOENT'),
    ]);
    expect(problemsOf({ ...others, PARTNER_FILE: fileWith('\n') })).toEqual(['PARTNER is not set, and there is no default for it']);
  });

  it('takes a variable that is set to nothing for not set', () => {
    expect(config.read({ ...valid, POLL_INTERVAL: '', LABEL: '', MANAGEMENT_PORT: '' })).toMatchObject({
      POLL_INTERVAL: 2_000,
      MANAGEMENT_PORT: 9100,
      LABEL: undefined,
    });
  });

  it('reads the environment at the first use, and once', () => {
    const lazy = defineConfig('lazy', { LAZY_SETTING: secret() });
    process.env['LAZY_SETTING'] = 'first';
    expect(lazy.values.LAZY_SETTING).toBe('first');
    process.env['LAZY_SETTING'] = 'second';
    expect(lazy.values.LAZY_SETTING).toBe('first');
    delete process.env['LAZY_SETTING'];
  });

  it.each([
    ['PT0.25S', 250],
    ['PT2S', 2_000],
    ['PT15M', 900_000],
    ['P1DT2H', 93_600_000],
    ['P2W', 1_209_600_000],
    ['PT0S', 0],
    ['P1M', undefined],
    ['P', undefined],
    ['PT', undefined],
    ['P1DT', undefined],
    ['-PT1S', undefined],
    ['2000', undefined],
  ])('reads the duration %s as %s ms', (text, expected) => expect(durationMs(text)).toBe(expected));

  it.each([
    [url(), 'https://a.example', true],
    [url(), 'http://a.example', false],
    [url(), 'http://127.0.0.1:8090/api', true],
    [url(), 'http://localhost.a.example', false],
    [url(), 'ftp://localhost', false],
    [loopbackUrl(), 'http://[::1]:8090', true],
    [loopbackUrl(), 'https://a.example', false],
    [port(), '0', true],
    [port(), '-1', false],
    [instant(), '2026-11-01T10:00:00Z', true],
    [instant(), '2026-11-01T10:00:00.5+01:00', true],
    [instant(), '2026-11-01T10:00:00', false], // of which zone?
    [instant(), '2026-13-01T10:00:00Z', false],
    [flag(), 'FALSE', true],
    [flag(), 'yes', false],
    [postgresUrl(), 'postgres://u:p@db.example.com/landfall?options=-csearch_path%3Da', true],
    [postgresUrl(), 'postgres://u:p@db.example.com/landfall?sslmode=no-verify', false], // the driver would check no certificate then
    [postgresUrl(), 'postgres://u:p@db.example.com/landfall?ssl=0', false],
    [postgresUrl(), 'postgres://u:p@localhost/landfall?host=db.example.com', false],
  ])('%# accepts what is allowed and nothing else: %s %s', (schema, text, accepted) =>
    expect(schema.safeParse(text).success).toBe(accepted),
  );
});
