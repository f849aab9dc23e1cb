import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { Clock } from './clock';

describe('the clock', () => {
  let server: Server;
  let answer = { status: 200, body: JSON.stringify({ offsetMs: 86_400_000 }) };
  let clock: Clock;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => clock.onModuleDestroy());
  afterAll(() => server.close());

  /** In whole seconds. A millisecond that passes between the two readings would make it -0. */
  const aheadMs = () => Math.round((clock.now().getTime() - Date.now()) / 1000) * 1000 + 0;

  it('is real time where nothing moves it', async () => {
    clock = new Clock();
    await clock.onModuleInit();
    expect(aheadMs()).toBe(0);
  });

  it('moves business time alone, and follows the source', async () => {
    clock = new Clock(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await clock.onModuleInit();
    expect(aheadMs()).toBe(86_400_000);
    expect(Math.abs(clock.realNow().getTime() - Date.now())).toBeLessThan(1_000);
    answer = { status: 200, body: JSON.stringify({ offsetMs: 172_800_000 }) };
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(aheadMs()).toBe(172_800_000);
  });

  it.each([
    { status: 500, body: '' },
    { status: 200, body: '{"offsetMs":"soon"}' },
    { status: 200, body: `"${'x'.repeat(2_000)}"` },
  ])('starts in real time where the source is no help: %j', async (unhelpful) => {
    answer = unhelpful;
    clock = new Clock(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await clock.onModuleInit();
    expect(aheadMs()).toBe(0);
  });
});
