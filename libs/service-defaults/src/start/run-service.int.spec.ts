import { testDatabase, type TestDatabase } from '@landfall/local';
import { setTimeout as wait } from 'node:timers/promises';
import { logged, spawnService, type ServiceProcess } from '../fixtures/service.process';

describe('a service as a process', () => {
  let database: TestDatabase;
  const started: ServiceProcess[] = [];

  beforeAll(async () => {
    database = await testDatabase();
  });
  afterEach(() => started.splice(0).forEach(({ child }) => child.kill('SIGKILL')));
  afterAll(() => database.drop());

  async function ready(settings: Record<string, string> = {}): Promise<ServiceProcess> {
    const service = spawnService({ DATABASE_URL: database.url, ...settings });
    started.push(service);
    await logged(service, 'ready');
    return service;
  }
  const statusOf = async (url: string) => (await fetch(url)).status;

  it('ends with code 78 and one sentence per wrong setting, without a stack', async () => {
    const service = spawnService({ DATABASE_URL: 'mysql://me:hush@localhost/x', POLL_INTERVAL: '2s', KEYRING_FILE_FILE: 'x' });
    expect(await service.ended).toEqual({ code: 78, signal: null });
    expect(service.errors()).toBe(
      [
        'bare cannot start: 2 settings are wrong.',
        '  - DATABASE_URL is wrong (its value is not shown): it must be a URL like postgres://user:password@host:5432/database, without parameters for TLS or another host.',
        '  - POLL_INTERVAL is "2s": it must be an ISO 8601 duration such as PT2S, PT15M or P30D.\n',
      ].join('\n'),
    );
  });

  it('ends with code 78 where the keyring cannot be read', async () => {
    const service = spawnService({ DATABASE_URL: database.url, KEYRING_FILE: '/nowhere/keyring.json' });
    expect((await service.ended).code).toBe(78);
    expect(service.errors()).toContain('KEYRING_FILE is "/nowhere/keyring.json": ENOENT');
  });

  it('ends with code 1 and says why where the database refuses it for good', async () => {
    const service = spawnService({ DATABASE_URL: database.url.replace(/\/\/[^@]+@/, '//nobody:wrong@') });
    expect((await service.ended).code).toBe(1);
    expect(service.entries().at(-1)).toMatchObject({ level: 'fatal', msg: 'cannot start', err: { code: '28P01' } });
  });

  it('on SIGTERM, as on SIGINT, says "not ready", finishes running requests, takes no new ones, and ends with code 0', async () => {
    await Promise.all((['SIGTERM', 'SIGINT'] as const).map(endsWell)); // most of it is waiting
  });

  async function endsWell(signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
    const service = await ready({ STOP_DELAY: 'PT3S' }); // time for the requests below, however busy the machine is
    const { url } = service;
    expect(await statusOf(`${url}/health/ready`)).toBe(200);
    const running = fetch(`${url}/things/slow?ms=5000`);
    await wait(100);
    service.child.kill(signal);
    service.child.kill(signal); // Ctrl-C reaches a process twice
    await logged(service, 'stopping');

    const health = await fetch(`${url}/health/ready`);
    expect([health.status, await health.json()]).toEqual([503, { status: 'failed', checks: { database: 'ok', service: 'stopping' } }]);
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    expect(await statusOf(`${url}/things/slow?ms=1`)).toBe(200); // a balancer that has not noticed yet
    await wait(3_500);
    await expect(
      fetch(`${url}/things/slow?ms=1`, { headers: { connection: 'close' } }).then(({ status }) =>
        status === 503 ? Promise.reject(new Error('closing')) : status,
      ),
    ).rejects.toThrow();
    expect(await (await running).json()).toEqual({ waited: 5000 });
    expect(await service.ended).toEqual({ code: 0, signal: null });
    expect(service.entries().at(-1)).toMatchObject({ msg: 'stopped', signal });
  }

  it('ends when the process that started it is gone', async () => {
    const service = await ready();
    service.child.disconnect();
    expect((await service.ended).code).toBe(0);
    expect(service.entries().at(-1)).toMatchObject({ msg: 'stopped', signal: 'disconnect' });
  });

  it('ends with code 1 and the reason when an error escapes', async () => {
    const service = await ready();
    await fetch(`${service.url}/things/escape`, { method: 'POST' });
    expect((await service.ended).code).toBe(1);
    expect(service.entries().at(-1)).toMatchObject({
      level: 'fatal',
      event: 'unhandledRejection',
      err: { message: 'nobody handles this' },
    });
  });

  it('cuts off what does not end in time, and says so', async () => {
    const service = await ready();
    const running = fetch(`${service.url}/things/slow?ms=20000`).catch(() => 'cut off');
    await wait(100);
    service.child.disconnect(); // an orphan waits 5 s
    expect((await service.ended).code).toBe(1);
    expect(await running).toBe('cut off');
    expect(service.entries().at(-1)).toMatchObject({ level: 'fatal', limitMs: 5_000 });
  });

  it('logs each request by its route, without query, headers and body', async () => {
    const service = await ready();
    await fetch(`${service.url}/things/slow?ms=1&token=sesame`, { headers: { authorization: 'Bearer sesame' } });
    expect(await logged(service, 'request')).toMatchObject({
      method: 'GET',
      route: '/things/slow',
      status: 200,
      ms: expect.any(Number),
      correlationId: expect.any(String),
    });
    expect(JSON.stringify(service.entries())).not.toContain('sesame');
  });
});
