import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  landfallDir,
  operatorToken,
  readRun,
  startSystem,
  testBroker,
  testDatabase,
  type System,
  type TestDatabase,
} from '@landfall/local';
import { eventually } from './eventually';

jest.setTimeout(180_000);

const aheadMs = 240_000;

describe('several copies of a service', () => {
  const dir = mkdtempSync(join(landfallDir, 'e2e-'));
  let database: TestDatabase;
  let system: System;

  beforeAll(async () => {
    database = await testDatabase();
    const own = {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: testBroker().brokers,
      COPIES: 'subscription:2',
      CLOCK_SKEW: 'subscription-2:+240s',
    };
    system = await startSystem({ dir, ports: 'free', services: ['subscription'], env: { ...process.env, ...own } });
  });

  afterAll(async () => {
    await system?.killAll();
    await database?.drop();
    rmSync(dir, { recursive: true, force: true });
  });

  const copy = (name: string) => readRun(dir).services.find((service) => service.name === name)!;
  const linesOf = (name: string) =>
    readFileSync(system.logFile(name), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'));

  it('are named for scripts, each with its own address and log', () => {
    expect(readRun(dir).services).toMatchObject([
      { name: 'subscription', service: 'subscription', instance: 'subscription-1' },
      { name: 'subscription-2', service: 'subscription', instance: 'subscription-2' },
    ]);
    expect(copy('subscription').managementUrl).not.toBe(copy('subscription-2').managementUrl);
    for (const name of ['subscription', 'subscription-2']) {
      const { instance } = copy(name);
      expect(linesOf(name).map((line) => (JSON.parse(line) as { instance: string }).instance)).toEqual(linesOf(name).map(() => instance));
    }
    expect(readFileSync(join(dir, 'logs/system.log'), 'utf8')).toMatch(/^\d\d:\d\d:\d\d subscription-2 {2}/m);
  });

  it('have the clock that CLOCK_SKEW gives them, and still take a token that is good', async () => {
    const timeOf = (name: string) => Date.parse((JSON.parse(linesOf(name)[0]!) as { time: string }).time);
    const between = timeOf('subscription-2') - timeOf('subscription');
    expect(Math.abs(between - aheadMs)).toBeLessThan(60_000);
    const token = await operatorToken(system.run.emulator!);
    for (const { url } of system.run.services) {
      const answer = await fetch(`${url}/dead-letters`, { headers: { authorization: `Bearer ${token}` } });
      expect([url, answer.status]).toEqual([url, 200]);
    }
  });

  it('are started again one by one', async () => {
    const before = { first: copy('subscription').pid, second: copy('subscription-2').pid };
    process.kill(before.second, 'SIGKILL');
    await eventually(() => expect(readFileSync(join(dir, 'logs/system.log'), 'utf8')).toContain('subscription-2 is ready again'));
    await eventually(() => expect(copy('subscription-2').pid).not.toBe(before.second));
    expect(copy('subscription').pid).toBe(before.first);
  });
});
