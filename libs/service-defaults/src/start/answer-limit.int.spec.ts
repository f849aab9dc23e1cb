import { startTcpProxy, testDatabase, type TcpProxy, type TestDatabase } from '@landfall/local';
import { DataSource } from 'typeorm';
import { BareModule, config } from '../fixtures/bare.module';
import { ageGauge } from '../metrics/age.gauge';
import { startService, type RunningService } from './start-service';

/** One port, and a public one beside the management port. */
let one: RunningService;
let two: RunningService;
let database: TestDatabase;
let proxy: TcpProxy;
beforeAll(async () => {
  database = await testDatabase();
  proxy = await startTcpProxy({ port: Number(new URL(database.url).port) });
  Object.assign(process.env, { DATABASE_URL: proxy.through(database.url), MANAGEMENT_PORT: '0', LOG_LEVEL: 'silent' });
  one = await startService({ name: 'bare', module: BareModule, config });
  two = await startService({ name: 'bare', module: BareModule, config, publicPort: () => 0 });
  ageGauge(
    'spec_oldest_seconds',
    'Asks the database',
    async () => (await one.app.get(DataSource).query<[{ one: number }]>('select 1 as one'))[0].one,
  );
});
afterEach(() => proxy.pass());
afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop()]);
  await proxy?.close();
  await database?.drop();
});

const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
const requests: [string, () => Promise<Response>][] = [
  ['a request', () => fetch(`${one.url}/things/stored`)],
  ['a request with a body', () => fetch(`${one.url}/things/stored`, json)],
  ['a request to the public port', () => fetch(`${two.url}/things/stored`)],
];
/** Generous, for a busy machine; without a bound it would be many times as long. */
const soon = <T>(work: Promise<T>): Promise<T> =>
  Promise.race([work, new Promise<never>((_, reject) => setTimeout(reject, 12_000, new Error('no answer')).unref())]);

describe('while the database hangs', () => {
  it.each(requests)('%s is answered all the same: 503, and when to come again', async (_, request) => {
    expect((await request()).ok).toBe(true);
    proxy.swallow();
    const answer = await soon(request());
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([
      503,
      '5',
      'application/problem+json; charset=utf-8',
    ]);
    expect(await answer.json()).toMatchObject({ detail: 'This cannot be answered now. Try again in a moment.' });
    proxy.pass();
    expect((await request()).ok).toBe(true);
  });

  it('the service is not ready and says why, is live, and shows its metrics', async () => {
    proxy.swallow();
    const ask = (path: string) => soon(fetch(`${one.managementUrl}/${path}`));
    const [ready, live, metrics] = await Promise.all([ask('health/ready'), ask('health/live'), ask('metrics')]);
    expect([ready.status, live.status, metrics.status]).toEqual([503, 200, 200]);
    expect(await ready.json()).toEqual({ status: 'failed', checks: { database: 'no answer within 2000 ms' } });
    expect(await metrics.text()).toContain('spec_oldest_seconds 0');
    proxy.pass();
    expect((await fetch(`${one.managementUrl}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${one.managementUrl}/metrics`)).text()).toContain('spec_oldest_seconds 1');
  });
});
