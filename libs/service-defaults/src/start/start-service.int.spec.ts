import { setTimeout as wait } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '@landfall/local';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BareModule, config } from '../fixtures/bare.module';
import { LoopTransport } from '../fixtures/loop.transport';
import { HealthRegistry } from '../health/health';
import { startService, TRANSPORT, type RunningService } from './start-service';

const PROBLEM = 'application/problem+json; charset=utf-8';
const transport = new LoopTransport();

@Module({ imports: [BareModule], providers: [{ provide: TRANSPORT, useValue: transport }] })
class WithTransport {}

describe('a started service', () => {
  let database: TestDatabase;
  let service: RunningService;

  beforeAll(async () => {
    database = await testDatabase();
    Object.assign(process.env, { DATABASE_URL: database.url, MANAGEMENT_PORT: '0', LOG_LEVEL: 'silent', INSTANCE_NAME: 'bare-0' });
    service = await startService({ name: 'bare', module: WithTransport, config });
  });
  afterAll(async () => {
    await service.stop();
    await database.drop();
  });

  const get = (path: string, init?: RequestInit) => fetch(service.url + path, init);

  it('denies what is not public, with problem+json', async () => {
    const answer = await get('/things/unnamed');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('www-authenticate')]).toEqual([401, PROBLEM, 'Bearer']);
    expect(await answer.json()).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'A bearer token of an operator is needed',
      correlationId: answer.headers.get('x-correlation-id'),
    });
  });

  it.each(['//things/unnamed', '/things/./unnamed', '/things/%75nnamed', '/things/unnamed/', '/THINGS/unnamed'])(
    'opens no way around it: %s',
    async (path) => {
      expect([401, 404]).toContain((await get(path)).status);
    },
  );

  it("tells of an inner error nothing but its correlation id, which is the caller's where it is a UUID", async () => {
    const correlationId = '5c38cd43-31b2-4a5f-8f27-5d3a5f6a8a12';
    const answer = await get('/things/broken', { headers: { 'x-correlation-id': correlationId } });
    const text = await answer.text();
    expect([answer.status, answer.headers.get('x-correlation-id')]).toEqual([500, correlationId]);
    expect(text).toContain(correlationId);
    expect(text).not.toContain('secret-detail');
    expect((await get('/things/broken', { headers: { 'x-correlation-id': 'forged "line"' } })).headers.get('x-correlation-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  it.each<[string, number, RequestInit]>([
    [
      'a body over the limit',
      413,
      { method: 'POST', body: JSON.stringify('x'.repeat(70_000)), headers: { 'content-type': 'application/json' } },
    ],
    ['a body that is no JSON', 400, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
    ['an unknown type of body', 415, { method: 'POST', body: '<x/>', headers: { 'content-type': 'application/xml' } }],
  ])('answers %s with problem+json', async (_, status, init) => {
    const answer = await get('/things/escape', init);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, PROBLEM]);
    expect(await answer.json()).toMatchObject({ status });
  });

  it('measures requests by route template, refused and unknown ones too, and leaves out probes', async () => {
    await get('/things/slow?ms=1&token=sesame');
    await get('/things/unnamed');
    await get('/nowhere/42');
    await get('/health/ready');
    await wait(20); // a request is measured after its answer is out
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/things\/slow",status_class="2xx"\} 1/);
    expect(metrics).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/things\/unnamed",status_class="4xx"\}/);
    expect(metrics).toMatch(/http_request_duration_seconds_count\{method="GET",route="unmatched",status_class="4xx"\}/);
    expect(metrics).toMatch(/process_resident_memory_bytes \d/);
    expect(metrics).not.toMatch(/sesame|health|nowhere/);
  });

  it('is not ready while a check that a library added fails', async () => {
    const registry = service.app.get(HealthRegistry);
    expect(registry).toBe(service.app.get(HealthRegistry));
    let broken = true;
    registry.add('ready', 'partitions', () => (broken ? Promise.reject(new Error('no partition is claimed')) : undefined));
    const answer = await get('/health/ready');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'failed', checks: { database: 'ok', partitions: 'no partition is claimed' } },
    ]);
    broken = false;
    expect((await get('/health/ready')).status).toBe(200);
  });

  it('describes its endpoints', async () => {
    const document = (await (await get('/openapi.json')).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/things/slow', '/things/{id}/acts']));
  });

  it('commits to disk before it says so, gives up on statements, and tells the server who it is', async () => {
    const [settings] = await service.app.get(DataSource).query(
      `select current_setting('synchronous_commit') as commit, current_setting('statement_timeout') as statements,
              current_setting('idle_in_transaction_session_timeout') as idle, current_setting('application_name') as name`,
    );
    expect(settings).toEqual({ commit: 'on', statements: '15s', idle: '30s', name: 'bare' });
  });

  it("attaches the transport that it finds, hands a handler's error on as it is, and asks no message for a token", async () => {
    expect(transport.listening).toBe(true);
    await expect(transport.deliver('echo', 'hello')).resolves.toBe('hello');
    await expect(transport.deliver('fail', 'x')).rejects.toThrow('the very error');
  });

  it('keeps metrics and health off a public endpoint, which the application configures', async () => {
    const withPublicEndpoint = await startService({
      name: 'bare',
      module: BareModule,
      config,
      publicPort: () => 0,
      configure: (fastify, app) => {
        fastify.get('/hello', async () => ({ configured: app.get(HealthRegistry) instanceof HealthRegistry }));
      },
    });
    try {
      expect(await (await fetch(`${withPublicEndpoint.url}/hello`)).json()).toEqual({ configured: true });
      for (const path of ['/metrics', '/health/ready', '/health/live', '/openapi.json'])
        expect((await fetch(withPublicEndpoint.url + path)).status).toBe(404);
      expect((await fetch(`${withPublicEndpoint.managementUrl}/health/ready`)).status).toBe(200);
      expect((await fetch(`${withPublicEndpoint.managementUrl}/metrics`)).status).toBe(200);
    } finally {
      await withPublicEndpoint.stop();
    }
  });
});
