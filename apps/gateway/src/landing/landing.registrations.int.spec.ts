import { randomUUID } from 'node:crypto';
import { ada, Customers, token } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

const fabrikam = { name: 'fabrikam', tenantId: randomUUID(), clientId: randomUUID(), clientSecretFile: '/nowhere' };

let gateway: TestGateway;
let customers: Customers;
beforeAll(async () => {
  gateway = await startGateway({ REGISTRATIONS: JSON.stringify([fabrikam]) });
  customers = new Customers(gateway);
});
afterAll(() => gateway.close());

it.each([
  ['/landing', 'default'],
  ['/landing/default', 'default'],
  ['/landing/fabrikam', 'fabrikam'],
  ['/Landing/Fabrikam/', 'fabrikam'],
])('a purchase that comes in at %s belongs to the registration %s, on disk and for fulfillment', async (address, registration) => {
  const raw = token();
  const { browser, path, purchaseId } = await customers.land(gateway.browser(), raw, address);
  await customers.signIn(browser, path, ada);
  const [opened] = (await gateway.sent()).filter(({ key }) => key === purchaseId);
  expect(opened).toMatchObject({ type: 'landfall.gateway.purchase-opened.v1', data: { purchaseId, registration } });
  expect(await gateway.decrypted('fulfillment', opened!.data['encryptedToken'])).toBe(raw);
  const rows = await gateway.query('select registration from gateway.purchases where purchase_id = $1', [purchaseId]);
  expect(rows).toEqual([{ registration }]);
});

it('an arrival cannot be carried over to another registration', async () => {
  const { browser, path, purchaseId } = await customers.land(gateway.browser(), token(), '/landing/fabrikam');
  const name = `__Host-landfall-landing-${purchaseId}-0`;
  browser.cookies.set(name, browser.cookies.get(name)!.replace('fabrikam', 'default'));
  expect((await browser.get(path)).state).toBe('elsewhere');
});

it.each(['/landing/nobody', '/landing/_', '/landing/fabrikam/x', '/landing/__proto__'])(
  'nobody’s address %s leads nowhere, and the browser keeps nothing of the token',
  async (address) => {
    const browser = gateway.browser();
    const page = await browser.get(`${address}?token=abc`);
    expect([page.status, page.state, [...browser.cookies.keys()]]).toEqual([404, 'not-found', []]);
  },
);
