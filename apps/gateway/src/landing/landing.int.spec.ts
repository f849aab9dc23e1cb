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
    const { path, purchaseId } = await customers.land(gateway.browser(), raw);
    expect(path).toMatch(/^\/purchase\/[0-9a-f-]{36}$/);
    const [row] = await gateway.query('select * from gateway.landings where purchase_id = $1', [purchaseId]);
    expect(await gateway.decrypted('fulfillment', row!['encrypted_token'])).toBe(raw);
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
    ['with a token beyond all bounds', `/landing?token=${'%2B'.repeat(21_000)}`, 400, 'link-damaged'],
    ['of a registration that is not set up', '/landing/nobody?token=abc', 404, 'not-found'],
  ])('shows a page that helps when somebody comes %s', async (_case, path, status, state) => {
    const page = await gateway.browser().get(path);
    expect([page.status, page.state]).toEqual([status, state]);
  });

  it('takes the longest token', async () => {
    const longest = '+'.repeat(20_000);
    expect((await gateway.browser().get(`/landing?token=${encodeURIComponent(longest)}`)).status).toBe(303);
  });
});
