import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ada, Customers, subscriptionEvent } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

const dir = mkdtempSync(join(tmpdir(), 'landfall-gateway-'));
const path = join(dir, 'catalog.yaml');

/** A catalog that names an offer, its preview, and one of its plans. */
const catalogWith = (name: string) => `
publishers:
  contoso:
    offers:
      contoso-saas:
        displayName: ${name}
        plans:
          silver: {}
          gold: { displayName: Gold & more }
      contoso-saas-preview:
        displayName: The next Contoso
        plans: {}
`;

let gateway: TestGateway;
let customers: Customers;
beforeAll(async () => {
  writeFileSync(path, catalogWith('Contoso Team'));
  gateway = await startGateway({ CATALOG_FILE: path });
  customers = new Customers(gateway);
});
afterAll(async () => {
  await gateway.close();
  rmSync(dir, { recursive: true });
});

describe('the purchase page with a catalog', () => {
  const namesOn = (page: { text(name: string): string }) => [page.text('offer'), page.text('plan')];

  it('calls offer and plan as the catalog does, and a plan as Microsoft does where the catalog says nothing', async () => {
    const { page, browser, path: address, subscriptionId } = await customers.arrive(ada);
    expect(namesOn(page)).toEqual(['Contoso Team', 'Silver &lt;plan&gt;For teams']);
    await gateway.deliver(subscriptionEvent('plan-changed', subscriptionId, 2, { planId: 'gold' }));
    expect(namesOn(await browser.get(address))).toEqual(['Contoso Team', 'Gold &amp; more']);
  });

  it.each([
    ['a preview that the catalog names', { isPreview: true }, 'The next Contoso'],
    ['the same offer of another publisher', { publisherId: 'fabrikam' }, 'contoso-saas'],
    ['another offer', { offerId: 'contoso-mail' }, 'contoso-mail'],
  ])('knows %s by its own name or its id', async (_, changes, name) => {
    const { page } = await customers.arrive(ada, changes);
    expect(page.text('offer')).toBe(name);
  });

  it('shows another name when the file says so, without a restart', async () => {
    const { browser, path: address } = await customers.arrive(ada);
    writeFileSync(path, catalogWith('Contoso Teams'));
    let shown = '';
    for (let look = 0; look < 400 && shown !== 'Contoso Teams'; look++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      shown = (await browser.get(address)).text('offer');
    }
    expect(shown).toBe('Contoso Teams');
  });
});
