import { randomUUID } from 'node:crypto';
import { purchaseRegistered, purchaseUnresolved, type Draft, type Person } from '@landfall/contracts';
import type { Page, TestBrowser } from '../testing/browser.fixture';
import { openDoor, type TestDoor } from '../testing/door.fixture';
import type { TestPerson } from '../testing/identity.fixture';

let door: TestDoor;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const token = () => `${randomUUID()}+/${randomUUID()}==`;
const ada: TestPerson = { tid: randomUUID(), oid: randomUUID(), name: 'Ada Fabrikam', email: 'ada@fabrikam.example' };
const bruno: TestPerson = { tid: ada.tid, oid: randomUUID(), name: 'Bruno Fabrikam', email: 'bruno@fabrikam.example' };
const stranger: TestPerson = { tid: randomUUID(), oid: randomUUID(), name: 'Chen Northwind' };
const owner = (person: TestPerson): Person => ({ tenantId: person.tid, objectId: person.oid });

async function land(
  browser = door.browser(),
  purchaseToken = token(),
): Promise<{ browser: TestBrowser; path: string; purchaseId: string }> {
  const { status, location } = await browser.get(`/landing?token=${encodeURIComponent(purchaseToken)}`);
  expect(status).toBe(303);
  return { browser, path: location, purchaseId: location.replace('/purchase/', '') };
}

async function signIn(browser: TestBrowser, path: string, person: TestPerson): Promise<Page> {
  const begin = await browser.get(path);
  const authorize = await browser.get(begin.location);
  const back = await browser.get(door.identity.signIn(authorize.location, person));
  expect([back.status, back.location]).toEqual([303, path]);
  return browser.get(path);
}

/** A customer who has come, signed in, and whose purchase is registered. */
async function arrived(person: TestPerson, changes: object = {}) {
  const landing = await land();
  await signIn(landing.browser, landing.path, person);
  const subscriptionId = randomUUID();
  await door.deliver(registered(landing.purchaseId, subscriptionId, changes));
  return { ...landing, subscriptionId, page: await landing.browser.get(landing.path) };
}

function registered(purchaseId: string, subscriptionId: string, changes: object = {}): Draft {
  const facts = { subscriptionId, offerId: 'contoso-saas', planId: 'silver', quantity: 5, termUnit: 'P1M', version: 1 };
  const state = { status: 'PendingFulfillmentStart', stage: 'awaiting-customer', access: 'none' } as const;
  const silver = {
    planId: 'silver',
    displayName: 'Silver <plan>',
    description: 'For teams',
    isPricePerSeat: true,
    minQuantity: 1,
    maxQuantity: 10,
    isStopSell: false,
  };
  const plans = [{ ...silver, prices: [{ termUnit: 'P1M', price: '12', currency: 'USD' }] }];
  return purchaseRegistered({ purchaseId, ...facts, ...state, beneficiary: owner(ada), purchaser: owner(ada), plans, ...changes });
}

const filled = (page: Page, changes: Record<string, string> = {}) => ({
  purchaseId: page.field('purchaseId'),
  csrf: page.field('csrf'),
  email: 'ada@fabrikam.example',
  name: 'Ada Fabrikam',
  acceptTerms: 'yes',
  ...changes,
});
const confirmations = async (subscriptionId: string) =>
  (await door.sent()).filter(({ type, key }) => type === 'landfall.gateway.purchase-confirmed.v1' && key === subscriptionId);

describe('landing', () => {
  it('seals the token for fulfillment alone and leads to a clean address', async () => {
    const raw = token();
    const { path, purchaseId } = await land(door.browser(), raw);
    expect(path).toMatch(/^\/purchase\/[0-9a-f-]{36}$/);
    const [row] = await door.query('select * from gateway.landings where purchase_id = $1', [purchaseId]);
    expect(await door.unsealed('fulfillment', row!['sealed_token'])).toBe(raw);
  });

  it('leaves the raw token in no table, no message and no log', async () => {
    const raw = token();
    const { browser, path } = await land(door.browser(), raw);
    await signIn(browser, path, ada);
    const tables = await door.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'gateway'`,
    );
    const rows: object[][] = [];
    for (const { name } of tables) rows.push(await door.query(`select t::text from ${name} t`));
    const everything = JSON.stringify(rows) + JSON.stringify(await door.sent()) + door.logged();
    expect(everything).not.toContain(raw);
    expect(everything).not.toContain(encodeURIComponent(raw));
    expect(everything).not.toContain(ada.email);
  });

  it('does nothing by a GET before somebody signed in', async () => {
    const { browser, path } = await land();
    await browser.get(path);
    await door.browser().get(`/landing?token=${encodeURIComponent(token())}`);
    expect((await door.sent()).filter(({ key }) => path.endsWith(key))).toEqual([]);
  });

  it.each([
    ['without a token', '/landing', 200, 'home'],
    ['with an empty token', '/landing?token=', 200, 'home'],
    ['with a cut token', '/landing?token=abc%2', 400, 'link-damaged'],
    ['with a token beyond all bounds', `/landing?token=${'%2B'.repeat(21_000)}`, 400, 'link-damaged'],
    ['of a registration that is not set up', '/landing/nobody?token=abc', 404, 'not-found'],
  ])('shows a page that helps when somebody comes %s', async (_case, path, status, state) => {
    const page = await door.browser().get(path);
    expect([page.status, page.state]).toEqual([status, state]);
  });

  it('takes the longest token', async () => {
    const longest = '+'.repeat(20_000);
    expect((await door.browser().get(`/landing?token=${encodeURIComponent(longest)}`)).status).toBe(303);
  });
});

describe('the purchase page', () => {
  it('opens the purchase with the first signed-in visit, once', async () => {
    const { browser, path, purchaseId } = await land();
    const page = await signIn(browser, path, ada);
    expect([page.state, page.text('purchase-state')]).toEqual(['opening', 'Fetching your purchase']);
    await Promise.all([browser.get(path), browser.get(path), browser.get(path)]);
    const sent = (await door.sent()).filter(({ key }) => key === purchaseId);
    expect(sent).toMatchObject([{ type: 'landfall.gateway.purchase-opened.v1', data: { registration: 'default', person: owner(ada) } }]);
    const [row] = await door.query('select sealed_token from gateway.landings where purchase_id = $1', [purchaseId]);
    expect(row).toEqual({ sealed_token: null });
  });

  it('opens it once when the first visits come at the same time', async () => {
    const first = await land();
    await signIn(first.browser, first.path, ada);
    const { path, purchaseId } = await land(first.browser); // signed in already
    await Promise.all(Array.from({ length: 10 }, () => first.browser.copy().get(path)));
    expect((await door.sent()).filter(({ key }) => key === purchaseId)).toHaveLength(1);
  });

  it('cannot be continued by a browser that did not come with the token', async () => {
    const { path } = await land();
    const other = door.browser();
    await other.get('/landing?token=another');
    expect((await other.get(path)).state).toBe('elsewhere');
    expect((await door.browser().get(path)).state).toBe('elsewhere');
    expect((await other.post('/purchase/confirm', { purchaseId: path.replace('/purchase/', '') })).state).toBe('elsewhere');
  });

  it('shows the form with what was bought, escaped', async () => {
    const { page } = await arrived(ada);
    expect(page.state).toBe('form');
    expect([page.text('plan'), page.text('seats'), page.text('price')]).toEqual([
      'Silver &lt;plan&gt;For teams',
      '5',
      '$60.00 per month (5 seats at $12.00)',
    ]);
    expect([page.field('email'), page.field('name')]).toEqual([ada.email, ada.name]);
  });

  it('keeps several purchases in one browser apart', async () => {
    const one = await arrived(ada);
    const other = await land(one.browser);
    expect((await one.browser.get(other.path)).state).toBe('opening');
    expect((await one.browser.get(one.path)).state).toBe('form');
    const proofOfOther = filled(one.page, { purchaseId: other.purchaseId });
    expect((await one.browser.post('/purchase/confirm', proofOfOther)).state).toBe('form-expired');
  });

  it('shows a stranger nothing, and leads to another account', async () => {
    const { page } = await arrived(stranger);
    expect([page.status, page.state]).toEqual([403, 'forbidden']);
    expect(page.html).not.toContain('contoso');
    expect(page.html).toContain('account=other');
  });

  it('follows the subscription by its version, in whatever order the topics are read', async () => {
    const { browser, path, subscriptionId } = await arrived(ada);
    const event = (version: number, changes: object) =>
      ({
        ...registered(randomUUID(), subscriptionId),
        type: 'landfall.subscription.activated.v1',
        data: factsOf(subscriptionId, version, changes),
      }) as Draft;
    await door.deliver(event(4, { status: 'Subscribed', stage: 'done', access: 'full', planId: 'gold' }));
    await door.deliver(event(3, { stage: 'provisioning' }));
    const page = await browser.get(path);
    expect([page.state, page.text('plan')]).toEqual(['active', 'gold']);
    expect(page.text('purchase-state')).toContain('active');
    await door.deliver(event(5, { status: 'Suspended', stage: 'done', access: 'limited' }));
    expect((await browser.get(path)).state).toBe('suspended');
    await door.deliver(event(6, { status: 'Unsubscribed', stage: 'done', access: 'ended' }));
    expect((await browser.get(path)).state).toBe('cancelled');
  });

  it('says how to come back when the token led nowhere', async () => {
    const { browser, path, purchaseId } = await land();
    await signIn(browser, path, ada);
    await door.deliver(purchaseUnresolved({ purchaseId, reason: 'token-expired' }));
    const page = await browser.get(path);
    expect(page.state).toBe('unresolved');
    expect(page.html).toContain('Configure account');
  });
});

describe('confirming', () => {
  it('says it once, with the contact sealed for subscription, and shows the set-up', async () => {
    const { browser, path, page, purchaseId, subscriptionId } = await arrived(ada);
    const answer = await browser.post('/purchase/confirm', filled(page, { email: 'office@fabrikam.example' }));
    expect([answer.status, answer.location]).toEqual([303, path]);
    expect((await browser.get(path)).state).toBe('setting-up');
    const [message, ...others] = await confirmations(subscriptionId);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ correlationId: purchaseId, data: { purchaseId, person: owner(ada) } });
    expect(JSON.parse(await door.unsealed('subscription', message!.data['sealedContact']))).toEqual({
      email: 'office@fabrikam.example',
      name: 'Ada Fabrikam',
    });
    expect(JSON.stringify(message)).not.toContain('fabrikam.example');
  });

  it('says it once through a reload, a double click and twenty parallel POSTs', async () => {
    const { browser, page, path, subscriptionId } = await arrived(ada);
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.copy().post('/purchase/confirm', filled(page))));
    expect(answers.map(({ status, location }) => [status, location])).toEqual(Array(20).fill([303, path]));
    await browser.post('/purchase/confirm', filled(page));
    expect(await confirmations(subscriptionId)).toHaveLength(1);
  });

  it('says it once for two tabs that came with a link each', async () => {
    const one = await arrived(ada);
    const other = await land(one.browser);
    await one.browser.get(other.path);
    await door.deliver(registered(other.purchaseId, one.subscriptionId));
    const otherPage = await one.browser.get(other.path);
    expect(otherPage.state).toBe('form');
    await Promise.all([
      one.browser.post('/purchase/confirm', filled(one.page)),
      one.browser.copy().post('/purchase/confirm', filled(otherPage)),
    ]);
    expect(await confirmations(one.subscriptionId)).toHaveLength(1);
    expect((await one.browser.get(other.path)).state).toBe('setting-up');
  });

  it('is possible for a colleague of the beneficiary, and not for a stranger', async () => {
    const colleague = await arrived(bruno);
    await colleague.browser.post('/purchase/confirm', filled(colleague.page));
    expect(await confirmations(colleague.subscriptionId)).toHaveLength(1);

    const { browser, path, page, subscriptionId } = await arrived(ada);
    expect((await browser.post('/signout', { proof: page.field('csrf') })).state).toBe('form-expired');
    expect((await browser.post('/signout', { proof: page.field('proof') })).state).toBe('signed-out');
    const begin = await browser.get(`/signin?purchase=${path.replace('/purchase/', '')}&account=other`);
    expect(begin.location).toContain('prompt=select_account');
    await browser.get(door.identity.signIn(begin.location, stranger));
    const forbidden = await browser.get(path);
    expect(forbidden.state).toBe('forbidden');
    expect((await browser.post('/purchase/confirm', filled(page))).status).toBe(403);
    expect(await confirmations(subscriptionId)).toEqual([]);
  });

  it.each([
    ['no proof', { csrf: '' }, 403],
    ['a forged proof', { csrf: 'A'.repeat(43) }, 403],
  ])('is refused with %s', async (_case, changes, status) => {
    const { browser, page, subscriptionId } = await arrived(ada);
    expect((await browser.post('/purchase/confirm', filled(page, changes))).status).toBe(status);
    expect(await confirmations(subscriptionId)).toEqual([]);
  });

  it('is refused with the proof of another session', async () => {
    const one = await arrived(ada);
    const other = await arrived(ada);
    const proof = { csrf: other.page.field('csrf') };
    expect((await one.browser.post('/purchase/confirm', filled(one.page, proof))).state).toBe('form-expired');
  });

  it('shows the form again with what was typed where something is wrong', async () => {
    const { browser, page, subscriptionId } = await arrived(ada);
    const again = await browser.post('/purchase/confirm', filled(page, { email: 'not "an" address', acceptTerms: '' }));
    expect([again.status, again.state]).toEqual([422, 'form']);
    expect(again.field('email')).toBe('not &quot;an&quot; address');
    expect(again.html).toContain('It looks like name@example.com');
    expect(again.html).toContain('Accept the terms of use');
    expect(await confirmations(subscriptionId)).toEqual([]);
    await browser.post('/purchase/confirm', filled(again));
    expect(await confirmations(subscriptionId)).toHaveLength(1);
  });

  it('waits for a new sign-in once the session has ended', async () => {
    const { browser, page, purchaseId } = await arrived(ada);
    await door.query(`update gateway.sessions set expires_at = now() - interval '1 second'`);
    const ended = await browser.post('/purchase/confirm', filled(page));
    expect([ended.status, ended.state]).toEqual([401, 'signin-ended']);
    expect(ended.html).toContain(`/signin?purchase=${purchaseId}`);
  });

  it('changes nothing once the subscription has ended', async () => {
    const { browser, page, path, subscriptionId } = await arrived(ada);
    const ended = { status: 'Unsubscribed', access: 'ended' };
    await door.deliver({
      ...registered(randomUUID(), subscriptionId),
      type: 'landfall.subscription.unsubscribed.v1',
      data: factsOf(subscriptionId, 9, ended),
    });
    expect((await browser.post('/purchase/confirm', filled(page))).location).toBe(path);
    expect(await confirmations(subscriptionId)).toEqual([]);
  });
});

describe('the door', () => {
  it('lets nobody frame it, tells no referrer, runs no inline script and keeps nothing in caches', async () => {
    const { page } = await arrived(ada);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe-inline');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.html).not.toMatch(/<script(?![^>]*src=)|style=|onclick=/);
  });

  it('has its style, script and icon in reach', async () => {
    for (const path of ['/assets/gateway.css', '/assets/progress.js', '/assets/favicon.svg'])
      expect((await door.browser().get(path)).status).toBe(200);
  });

  it('answers what it does not know with a page', async () => {
    for (const path of ['/nothing', '/purchase/nothing', '/assets/../app.module.js', '/webhook']) {
      const page = await door.browser().get(path);
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(page.html).not.toMatch(/stack|Error:|statusCode/);
      expect(page.status).toBeGreaterThanOrEqual(403);
    }
  });

  it('says that it is temporarily unavailable while the database is away', async () => {
    const { browser, path } = await arrived(ada);
    await door.withoutDatabase(async () => {
      const page = await browser.get(path);
      expect([page.status, page.state]).toEqual([503, 'unavailable']);
    });
  });
});

function factsOf(subscriptionId: string, version: number, changes: object): object {
  const { plans, purchaseId, termUnit, ...facts } = registered(randomUUID(), subscriptionId).data as Record<string, unknown>;
  expect([plans, purchaseId, termUnit]).toBeDefined();
  const rest = {
    publisherId: 'contoso',
    isPreview: false,
    term: null,
    autoRenew: true,
    isFreeTrial: false,
    allowedCustomerOperations: ['Read'],
  };
  const noted = {
    privateOfferId: null,
    purchasedAt: null,
    effectiveAt: null,
    observedAt: new Date().toISOString(),
    imported: false,
    cause: { source: 'landing' },
  };
  const current = { planId: 'silver', quantity: 5, status: 'Subscribed' };
  return {
    ...facts,
    ...rest,
    ...noted,
    current,
    previous: current,
    retainedUntil: new Date().toISOString(),
    graceEndsAt: null,
    version,
    ...changes,
  };
}
