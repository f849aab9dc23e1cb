import { until } from '@landfall/testing';
import { ada, Customers } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { OPENINGS_PER_HOUR } from './purchase.repository';

let gateway: TestGateway;
let customers: Customers;
beforeAll(async () => {
  gateway = await startGateway();
  customers = new Customers(gateway);
});
afterEach(() => jest.useRealTimers());
afterAll(() => gateway.close());

const HOUR_MS = 3_600_000;

/** The gateway is from now on a copy whose clock is wrong; the database's is right. */
function wrongClock(offMs: number): void {
  const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const;
  const now = jest.getRealSystemTime() + offMs;
  jest.useFakeTimers({ now, doNotFake: [...timers, 'nextTick', 'queueMicrotask', 'performance', 'hrtime'] });
}

it('a copy whose clock is behind bounds what a person opens in an hour like the others', async () => {
  wrongClock(-2 * HOUR_MS);
  const { browser, path } = await customers.land();
  await customers.signIn(browser, path, ada);
  for (let opened = 1; opened < OPENINGS_PER_HOUR; opened++) {
    const next = await customers.land(browser);
    await until(async () => (await browser.get(next.path)).status === 200); // 503 while the machine is too busy for the database
  }
  const last = await customers.land(browser);
  expect((await browser.get(last.path)).state).toBe('too-many');
  await gateway.query('delete from gateway.purchases');
});

it('a copy whose clock is ahead gives Microsoft as long as the others before a page gives up', async () => {
  const { browser, path } = await customers.land();
  expect((await customers.signIn(browser, path, ada)).state).toBe('opening');
  wrongClock(HOUR_MS / 3);
  expect((await browser.get(path)).state).toBe('opening');
});
