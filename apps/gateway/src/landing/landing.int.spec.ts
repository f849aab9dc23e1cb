import { PURCHASE_TOKEN_LIMIT } from '@landfall/contracts';
import type { TestBrowser } from '../testing/browser.fixture';
import { ada, Customers, token } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

let gateway: TestGateway;
let customers: Customers;
beforeAll(async () => {
  gateway = await startGateway();
  customers = new Customers(gateway);
});
afterAll(() => gateway.close());

describe('landing', () => {
  it('encrypts the token for fulfillment alone and leads to a clean address', async () => {
    const raw = token();
    const { browser, path, purchaseId } = await customers.land(gateway.browser(), raw);
    expect(path).toMatch(/^\/purchase\/[0-9a-f-]{36}$/);
    const [, encryptedToken] = customers.kept(browser, purchaseId).split('/');
    expect(await gateway.decrypted('fulfillment', encryptedToken)).toBe(raw);
  });

  it('leaves the raw token in no table, no message and no log', async () => {
    const raw = token();
    const { browser, path } = await customers.land(gateway.browser(), raw);
    await customers.signIn(browser, path, ada);
    const tables = await gateway.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'gateway'`,
    );
    const rows: object[][] = [];
    for (const { name } of tables) rows.push(await gateway.query(`select t::text from ${name} t`));
    const everything = JSON.stringify(rows) + JSON.stringify(await gateway.sent()) + gateway.logged();
    expect(everything).not.toContain(raw);
    expect(everything).not.toContain(encodeURIComponent(raw));
    expect(everything).not.toContain(ada.email);
  });

  it('does nothing by a GET before somebody signed in', async () => {
    const { browser, path } = await customers.land();
    await browser.get(path);
    await gateway.browser().get(`/landing?token=${encodeURIComponent(token())}`);
    expect((await gateway.sent()).filter(({ key }) => path.endsWith(key))).toEqual([]);
  });

  it.each([
    ['without a token', '/landing', 200, 'home'],
    ['with an empty token', '/landing?token=', 200, 'home'],
    ['with a cut token', '/landing?token=abc%2', 400, 'link-damaged'],
    ['with a token beyond all bounds', `/landing?token=${'%2B'.repeat(8_193)}`, 400, 'link-damaged'],
    ['of a registration that is not set up', '/landing/nobody?token=abc', 404, 'not-found'],
  ])('shows a page that helps when somebody comes %s', async (_case, path, status, state) => {
    const page = await gateway.browser().get(path);
    expect([page.status, page.state]).toEqual([status, state]);
  });

  it('takes the longest token', async () => {
    const longest = '+'.repeat(PURCHASE_TOKEN_LIMIT);
    const { browser, path } = await customers.land(gateway.browser(), longest);
    for (const value of browser.cookies.values()) expect(value.length).toBeLessThan(3_900); // browsers take 4,096 bytes with the name
    await customers.signIn(browser, path, ada);
    const [opened] = (await gateway.sent()).filter(({ key }) => path.endsWith(key));
    expect(await gateway.decrypted('fulfillment', opened!.data['encryptedToken'])).toBe(longest);
  });

  it('stores nothing before somebody has signed in', async () => {
    const rowsOf = async () => {
      const tables = await gateway.query<{ name: string }>(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'gateway' order by 1`,
      );
      return Promise.all(tables.map(async ({ name }) => [name, (await gateway.query(`select from ${name}`)).length]));
    };
    const before = await rowsOf();
    for (let visitor = 0; visitor < 20; visitor++) {
      const { browser, path } = await customers.land();
      const begin = await browser.get(path);
      expect((await browser.get(begin.location)).status).toBe(302);
    }
    expect(await rowsOf()).toEqual(before);
  });

  it.each([
    ['another browser', (browser: TestBrowser) => browser.cookies.set('__Host-landfall-browser', 'A'.repeat(43))],
    [
      'another token',
      (browser: TestBrowser, name: string) => browser.cookies.set(name, browser.cookies.get(name)!.replace(/.{9}~/, 'AAAAAAAAA~')),
    ],
    ['no token', (browser: TestBrowser, name: string) => browser.cookies.delete(name)],
  ])('goes on in the browser that came with the token alone, not with %s', async (_case, change) => {
    const { browser, path, purchaseId } = await customers.land();
    change(browser, `__Host-landfall-landing-${purchaseId}-0`);
    expect((await browser.get(path)).state).toBe('elsewhere');
  });

  it('keeps the newest arrivals and sign-ins of a browser that is signed in, and all its cookies within what proxies bear', async () => {
    const { browser, path } = await customers.land();
    await customers.signIn(browser, path, ada);
    const paths: string[] = [];
    for (let arrival = 0; arrival < 30; arrival++) {
      paths.push((await customers.land(browser)).path);
      await browser.get(`/signin?account=other&purchase=${paths.at(-1)!.slice('/purchase/'.length)}`);
      const pairs = [...browser.cookies].map(([name, value]) => `${name}=${value}`);
      expect(`cookie: ${pairs.join('; ')}`.length).toBeLessThan(7_700); // nginx bears lines of 8,192, and others may set a cookie as well
    }
    const kept = (name: string) => [...browser.cookies.keys()].filter((cookie) => cookie.startsWith(`__Host-landfall-${name}`)).length;
    expect([kept('landing') >= 3, kept('signin') >= 2, kept('session'), kept('browser')]).toEqual([true, true, 1, 1]);
    const visitor = browser.copy();
    visitor.cookies.delete('__Host-landfall-session');
    expect((await visitor.get(paths.at(-1)!)).location).toMatch(/^\/signin/);
    expect((await visitor.get(paths[0]!)).state).toBe('elsewhere');
  });
});
