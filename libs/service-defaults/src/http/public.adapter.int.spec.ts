import { testDatabase, type TestDatabase } from '@landfall/local';
import { All, Catch, Module, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { FastifyReply } from 'fastify';
import { BareModule, config } from '../fixtures/bare.module';
import { ReviewsController } from '../fixtures/reviews.controller';
import { startService, type RunningService } from '../start/start-service';
import { ManagementController } from './management.controller';
import { PublicAdapter } from './public.adapter';

const PROBLEM = 'application/problem+json; charset=utf-8';

@Module({ imports: [BareModule], controllers: [ReviewsController] })
class WithReviews {}

/** As a service with pages for people has one. */
@Catch()
class PageForPeople implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().status(418).type('text/html').send('<p>Sorry</p>');
  }
}

describe('a service with a public port', () => {
  let database: TestDatabase;
  let service: RunningService;

  beforeAll(async () => {
    database = await testDatabase();
    Object.assign(process.env, { DATABASE_URL: database.url, MANAGEMENT_PORT: '0', LOG_LEVEL: 'silent', INSTANCE_NAME: 'bare-0' });
    service = await startService({
      name: 'bare',
      module: WithReviews,
      config,
      publicPort: () => 0,
      configure: (fastify, app) => {
        app.useGlobalFilters(new PageForPeople());
        fastify.removeAllContentTypeParsers(); // the public port reads bodies in its own way
        fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
      },
    });
  });
  afterAll(async () => {
    await service?.stop();
    await database.drop();
  });

  const json = { 'content-type': 'application/json' };
  const onManagement = (path: string, init?: RequestInit) => fetch(service.managementUrl + path, init);

  it('routes what is for the management port there, for every method', async () => {
    const answers = await Promise.all(
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) =>
        onManagement('/reviews/7', { method, ...(method === 'POST' && { body: '{"a":1}', headers: json }) }),
      ),
    );
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
      '{"id":"7"}',
      '{"id":"7","body":{"a":1}}',
      'replaced',
      'changed',
      'removed',
    ]);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('knows nothing of it at its public port: %s', async (method) => {
    const paths = [
      '/reviews',
      '/reviews/',
      '/reviews/7',
      '//reviews/7',
      '/./reviews/7',
      '/%72eviews/7',
      '/things/../reviews/7',
      '/REVIEWS/7',
    ];
    for (const path of paths) {
      const answer = await fetch(service.url + path, { method, headers: { host: new URL(service.managementUrl).host } });
      expect([path, answer.status]).toEqual([path, 418]); // its filter shows a page for what is nowhere
    }
  });

  it('answers on the management port as a service without a public one does: tokens, problem documents, correlation id', async () => {
    const closed = await onManagement('/reviews');
    expect([closed.status, closed.headers.get('content-type'), closed.headers.get('www-authenticate')]).toEqual([401, PROBLEM, 'Bearer']);
    const correlationId = '5c38cd43-31b2-4a5f-8f27-5d3a5f6a8a12';
    const broken = await onManagement('/reviews/broken', { headers: { 'x-correlation-id': correlationId } });
    const text = await broken.text();
    expect([broken.status, broken.headers.get('content-type'), broken.headers.get('x-correlation-id')]).toEqual([
      500,
      PROBLEM,
      correlationId,
    ]);
    expect(text).not.toContain('secret-detail');
  });

  it.each<[string, string, number, RequestInit]>([
    ['an unknown path', '/nowhere', 404, {}],
    ['what the public port has', '/things/slow?ms=1', 404, {}],
    ['a body that is no JSON', '/reviews/7', 400, { method: 'POST', body: '{', headers: json }],
    ['a body over the limit', '/reviews/7', 413, { method: 'POST', body: JSON.stringify('x'.repeat(70_000)), headers: json }],
    ['an unknown type of body', '/reviews/7', 415, { method: 'POST', body: '<x/>', headers: { 'content-type': 'application/xml' } }],
  ])('answers %s on the management port with a problem document', async (_, path, status, init) => {
    const answer = await onManagement(path, init);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, PROBLEM]);
    expect(await answer.json()).toMatchObject({ status });
  });

  it('describes on the management port what that port has', async () => {
    const document = (await (await onManagement('/openapi.json')).json()) as { paths: Record<string, object> };
    expect(Object.fromEntries(Object.entries(document.paths).map(([path, methods]) => [path, Object.keys(methods).sort()]))).toEqual({
      '/reviews': ['get'],
      '/reviews/broken': ['get'],
      '/reviews/{id}': ['delete', 'get', 'patch', 'post', 'put'],
    });
  });

  it('measures requests of both ports', async () => {
    await onManagement('/reviews/7');
    await fetch(`${service.url}/things/slow?ms=1`);
    await new Promise((resolve) => setTimeout(resolve, 20)); // a request is measured after its answer is out
    const metrics = await (await onManagement('/metrics')).text();
    expect(metrics).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/reviews\/:id",status_class="2xx"\} \d/);
    expect(metrics).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/things\/slow",status_class="2xx"\} \d/);
  });
});

it('does not start where a handler would come to the public port by a way that nobody thought of', async () => {
  @ManagementController('anything')
  class AnythingController {
    @All()
    anything(): string {
      return 'any method';
    }
  }
  const compiled = await Test.createTestingModule({ controllers: [AnythingController] }).compile();
  const app = compiled.createNestApplication(new PublicAdapter(), { logger: false });
  await expect(app.init()).rejects.toThrow('belongs to the management port');
});
