import { testDatabase, type TestDatabase } from '@landfall/local';
import { Controller, Get, HttpException, Logger, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DataSource, QueryFailedError } from 'typeorm';
import { otherCodes, outageCodes, outageTexts } from '../fixtures/outages';
import { ProblemFilter } from './problem.filter';

let thrown: () => unknown = () => undefined;

@Controller()
class FailingController {
  @Get()
  async fail(): Promise<void> {
    throw await thrown();
  }
}

@Module({ controllers: [FailingController], providers: [{ provide: APP_FILTER, useClass: ProblemFilter }] })
class FailingModule {}

let app: NestFastifyApplication;
let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  const compiled = await Test.createTestingModule({ imports: [FailingModule] }).compile();
  app = compiled.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  database = await testDatabase();
  dataSource = await new DataSource({ type: 'postgres', url: database.url, poolSize: 2 }).initialize();
});
afterAll(async () => {
  await app?.close();
  await dataSource?.destroy();
  await database?.drop();
});

async function answerTo(error: () => unknown) {
  thrown = error;
  const { statusCode, headers, body } = await app.inject({ url: '/' });
  return {
    status: statusCode,
    type: headers['content-type'],
    retryAfter: headers['retry-after'],
    problem: JSON.parse(body) as object,
    body,
  };
}
const away = {
  status: 503,
  type: 'application/problem+json; charset=utf-8',
  retryAfter: '5',
  problem: { title: 'Service Unavailable', status: 503, detail: 'This cannot be answered now. Try again in a moment.' },
};
const failed = { status: 500, type: away.type, retryAfter: undefined, problem: { title: 'Internal Server Error', status: 500 } };
const caught = (work: () => Promise<unknown>) => () =>
  work().then(
    () => new Error('nothing failed'),
    (error: unknown) => error,
  );

describe('an endpoint whose database is away, or asks to try again, answers 503 and says when', () => {
  it.each(outageCodes)('%s: %s', async (code) => {
    const driverError = Object.assign(new Error('secret of a row'), { code });
    expect(await answerTo(() => driverError)).toMatchObject(away);
    const wrapped = await answerTo(() => new QueryFailedError('select 1', [], driverError));
    expect(wrapped).toMatchObject(away);
    expect(wrapped.body).not.toContain('secret');
  });

  it.each(outageTexts)('"%s"', async (message) => {
    expect(await answerTo(() => new Error(message))).toMatchObject(away);
  });

  it('a time limit of a statement, of real Postgres', async () => {
    const slow = () =>
      dataSource.transaction((tx) => tx.query(`set local statement_timeout = '20ms'`).then(() => tx.query('select pg_sleep(5)')));
    expect(await answerTo(caught(slow))).toMatchObject(away);
  });

  it('a write to a server that only reads, of real Postgres', async () => {
    const write = () =>
      dataSource.transaction((tx) => tx.query('set transaction read only').then(() => tx.query('create table t (id int)')));
    expect(await answerTo(caught(write))).toMatchObject(away);
  });

  it('a lost deadlock, of real Postgres', async () => {
    await database.query('create table if not exists pair (id int primary key); insert into pair values (1), (2)');
    let reached = 0;
    let meet: () => void = () => undefined;
    const bothHold = new Promise<void>((resolve) => (meet = resolve));
    const crosswise = (first: number, second: number) =>
      dataSource.transaction(async (tx) => {
        await tx.query(`set local deadlock_timeout = '20ms'`);
        await tx.query('select 1 from pair where id = $1 for update', [first]);
        if (++reached === 2) meet();
        await bothHold;
        await tx.query('select 1 from pair where id = $1 for update', [second]);
      });
    const results = await Promise.allSettled([crosswise(1, 2), crosswise(2, 1)]);
    const lost = results.find((result) => result.status === 'rejected');
    expect(await answerTo(() => (lost as PromiseRejectedResult | undefined)?.reason)).toMatchObject(away);
  });
});

describe('an endpoint that is itself at fault, or asks wrongly, answers 500', () => {
  it.each(otherCodes)('%s: %s', async (code) => {
    expect(await answerTo(() => Object.assign(new Error('x'), { code }))).toMatchObject(failed);
  });
});

it('passes on the name of an error that is meant for the caller, and when to come again', async () => {
  const refused = Object.assign(new HttpException('There is one seat at least', 409), { code: 'REFUSED' });
  expect(await answerTo(() => refused)).toMatchObject({
    status: 409,
    retryAfter: undefined,
    problem: { detail: 'There is one seat at least', code: 'REFUSED' },
  });
  const notYet = Object.assign(new HttpException('Not activated yet', 409), { code: 'NOT_YET', retryAfterMs: 1500 });
  expect(await answerTo(() => notYet)).toMatchObject({ status: 409, retryAfter: '2', problem: { code: 'NOT_YET' } });
});

describe('the log of a failed request', () => {
  const lines: [level: string, ...unknown[]][] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const level of ['warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation((...said: unknown[]) => void lines.push([level, ...said]));
  });
  afterEach(() => jest.restoreAllMocks());

  it.each<[string, Error]>([
    ['an outage', new QueryFailedError('select 1', [], Object.assign(new Error('it shuts down'), { code: '57P01' }))],
    ['an error that says so itself', Object.assign(new Error('it shuts down'), { retriable: true })],
  ])('is a warning with its reason where it passes by itself: %s', async (_, error) => {
    await answerTo(() => error);
    const reason = expect.stringContaining('it shuts down') as string;
    expect(lines).toEqual([['warn', { reason, correlationId: expect.any(String) as string }, 'a request failed; trying again may help']]);
  });

  it('is an error with its stack where it does not', async () => {
    const error = new TypeError('a mistake');
    await answerTo(() => error);
    expect(lines).toEqual([['error', { err: error, correlationId: expect.any(String) as string }, 'a request failed']]);
  });

  it('has no line about what the caller is told', async () => {
    await answerTo(() => new HttpException('There is one seat at least', 409));
    expect(lines).toEqual([]);
  });
});
