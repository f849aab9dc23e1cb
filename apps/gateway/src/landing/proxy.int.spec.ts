import { createServer, request as requestTo, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OPENINGS_PER_HOUR } from '../purchase/purchase.repository';
import { arrive, statuses } from '../testing/arrivals.fixture';
import { ada, bruno, Customers } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { ARRIVALS_AT_ONCE } from './address.budget';

let gateway: TestGateway;
let customers: Customers;
const proxies: Server[] = [];
beforeAll(async () => {
  gateway = await startGateway({ TRUSTED_PROXIES: '127.0.0.0/8' });
  customers = new Customers(gateway);
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => new Promise((resolve) => void proxy.close(resolve).closeAllConnections())));
  await gateway.close();
});

/** As many as an address has at once, and enough beyond them for whatever time adds while they are sent. */
const many = ARRIVALS_AT_ONCE * 3;

/** A reverse proxy in front: it says for whom it asks. */
async function reverseProxy(): Promise<string> {
  const proxy = createServer((request, response) => {
    const forwarded = [request.headers['x-forwarded-for'], request.headers['x-client']].filter(Boolean).join(', ');
    const headers = { ...request.headers, 'x-forwarded-for': forwarded };
    const onward = requestTo(gateway.url + request.url, { method: request.method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe('behind a trusted proxy', () => {
  it('nothing is counted behind a trusted proxy that does not say for whom it asks', async () => {
    expect(new Set(await statuses(many, () => arrive(gateway.url)))).toEqual(new Set([303]));
  });

  it('arrivals through a trusted proxy are counted by the address that it names, and not by one that the visitor invented', async () => {
    const proxy = await reverseProxy();
    let invented = 0;
    const from = (client: string) => () =>
      fetch(`${proxy}/landing?token=abc`, {
        redirect: 'manual',
        headers: { 'x-client': client, 'x-forwarded-for': `203.0.113.${invented++ % 250}` },
      });
    expect(new Set(await statuses(many, from('198.51.100.1')))).toEqual(new Set([303, 429]));
    expect(await statuses(5, from('198.51.100.2'))).toEqual([303, 303, 303, 303, 303]);
    expect(gateway.logged()).not.toContain('X-Forwarded-For came from');
  });
});

it('one person opens so many purchases in an hour, however many at the same time; others are not held up', async () => {
  const { browser, path } = await customers.land();
  await customers.signIn(browser, path, ada);
  const visits: Promise<number>[] = [];
  for (let each = 0; each < OPENINGS_PER_HOUR + 10; each++) {
    const landed = await customers.land(browser);
    visits.push(
      browser
        .copy()
        .get(landed.path)
        .then(({ status }) => status),
    ); // its own cookies, before the next arrival
  }
  const found = await Promise.all(visits);
  expect(found.filter((status) => status === 200)).toHaveLength(OPENINGS_PER_HOUR - 1);
  expect(found.filter((status) => status === 429)).toHaveLength(11);
  expect((await gateway.sent()).filter(({ type }) => type.includes('purchase-opened'))).toHaveLength(OPENINGS_PER_HOUR);

  const last = await customers.land(browser);
  const page = await browser.get(last.path);
  expect(page.state).toBe('too-many');
  expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(3_000);
  expect(page.html).toMatch(/With your account more was opened in a short time than we can look up. Please try again in \d\d minutes./);
  await gateway.query(`update gateway.purchases set opened_at = opened_at - interval '1 hour'`);
  expect((await browser.get(last.path)).status).toBe(200); // it was not lost

  const other = await customers.land();
  expect((await customers.signIn(other.browser, other.path, bruno)).state).toBe('opening');
});
