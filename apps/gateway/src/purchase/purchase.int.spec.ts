import { randomUUID } from 'node:crypto';
import { purchaseUnresolved } from '@landfall/contracts';
import { register } from '@landfall/service-defaults';
import { ada, Customers, owner, registered, stranger, subscriptionEvent } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

let gateway: TestGateway;
let customers: Customers;
beforeAll(async () => {
  gateway = await startGateway();
  customers = new Customers(gateway);
});
afterAll(() => gateway.close());

describe('the purchase page', () => {
  it('opens the purchase with the first signed-in visit, once', async () => {
    const { browser, path, purchaseId } = await customers.land();
    const page = await customers.signIn(browser, path, ada);
    expect([page.state, page.text('purchase-state')]).toEqual(['opening', 'Fetching your purchase']);
    await Promise.all([browser.get(path), browser.get(path), browser.get(path)]);
    const sent = (await gateway.sent()).filter(({ key }) => key === purchaseId);
    expect(sent).toMatchObject([{ type: 'landfall.gateway.purchase-opened.v1', data: { registration: 'default', person: owner(ada) } }]);
    expect([...browser.cookies.keys()].filter((name) => name.includes(purchaseId))).toEqual([]);
  });

  it('opens it once when the first visits come at the same time', async () => {
    const first = await customers.land();
    await customers.signIn(first.browser, first.path, ada);
    const { path, purchaseId } = await customers.land(first.browser); // signed in already
    await Promise.all(Array.from({ length: 10 }, () => first.browser.copy().get(path)));
    expect((await gateway.sent()).filter(({ key }) => key === purchaseId)).toHaveLength(1);
  });

  it('cannot be continued by a browser that did not come with the token', async () => {
    const { path } = await customers.land();
    const other = gateway.browser();
    await other.get('/landing?token=another');
    expect((await other.get(path)).state).toBe('elsewhere');
    expect((await gateway.browser().get(path)).state).toBe('elsewhere');
    expect((await other.post('/purchase/confirm', { purchaseId: path.replace('/purchase/', '') })).state).toBe('elsewhere');
  });

  it('shows the form with what was bought, escaped', async () => {
    const { page } = await customers.arrive(ada);
    expect(page.state).toBe('form');
    expect([page.text('offer'), page.text('plan'), page.text('seats'), page.text('price')]).toEqual([
      'contoso-saas',
      'Silver &lt;plan&gt;For teams',
      '5',
      '$60.00 per month (5 seats at $12.00)',
    ]);
    expect([page.field('email'), page.field('name')]).toEqual([ada.email, ada.name]);
  });

  it('shows the form also of an offer with as many plans as a message may bring', async () => {
    const price = { termUnit: 'P1M', price: '12', currency: 'USD' };
    const plans = Array.from({ length: 100 }, (_, each) => ({
      ...{ planId: each === 99 ? 'silver' : `plan-${each}`, displayName: '漢'.repeat(200), description: '漢'.repeat(300) },
      ...{ isPricePerSeat: true, minQuantity: 1, maxQuantity: null, isStopSell: false, prices: Array(20).fill(price) },
    }));
    const { page } = await customers.arrive(ada, { plans, arePlansCut: true });
    expect([page.state, page.text('price')]).toEqual(['form', '$60.00 per month (5 seats at $12.00)']);
  });

  it('tells a customer who has waited for too long what to do, and goes on all the same when the purchase comes', async () => {
    const { browser, path, purchaseId } = await customers.land();
    await customers.signIn(browser, path, ada);
    await gateway.query(`update gateway.purchases set opened_at = opened_at - interval '16 minutes' where purchase_id = $1`, [purchaseId]);
    const page = await browser.get(path);
    expect([page.state, page.text('purchase-state')]).toEqual(['unresolved', 'No answer in time']);
    expect(page.html).toContain('Please wait a few minutes, then begin again from Microsoft.');
    expect(await register.getSingleMetricAsString('gateway_oldest_opening_seconds')).toMatch(/ 9[67]\d/);
    await gateway.deliver(registered(purchaseId, randomUUID()));
    expect((await browser.get(path)).state).toBe('form');
  });

  it('does not show that it works on a set-up for ever', async () => {
    const { browser, path, purchaseId, page } = await customers.arrive(ada);
    const form = { purchaseId, csrf: page.field('csrf'), email: ada.email!, name: 'Ada', acceptTerms: 'yes' };
    await browser.post('/purchase/confirm', form);
    await gateway.query(
      `update gateway.subscription_projections set confirmed_at = confirmed_at - interval '26 hours' where confirmed_purchase_id = $1`,
      [purchaseId],
    );
    expect((await browser.get(path)).html).toContain('somebody here has to look at it. Your order is kept. Please write to us');
    expect(await register.getSingleMetricAsString('gateway_oldest_setup_seconds')).toMatch(/ 936\d\d/);
  });

  it('says that a set-up has failed and what can be done, and goes on all the same when it is tried again', async () => {
    const { browser, path, subscriptionId } = await customers.arrive(ada);
    const updated = (version: number, changes: object = {}) =>
      gateway.deliver(subscriptionEvent('updated', subscriptionId, version, { stage: 'activating', ...changes }));
    await updated(5, { hasSetUpFailed: true });
    const failed = (await browser.get(path)).html;
    expect(failed).toContain('the set-up has stopped. Your order is kept');
    expect(failed).toContain('choose “Configure account” or “Manage account”');
    expect(failed).not.toContain('goes on by itself');
    await updated(6);
    expect((await browser.get(path)).html).toContain('The page goes on by itself.');
  });

  it('says that an order waits for approval, for as long as that takes, and goes on when it is approved', async () => {
    const { browser, path, purchaseId, subscriptionId, page } = await customers.arrive(ada);
    await browser.post('/purchase/confirm', { purchaseId, csrf: page.field('csrf'), email: ada.email!, name: 'Ada', acceptTerms: 'yes' });
    const event = (version: number, changes: object) => gateway.deliver(subscriptionEvent('updated', subscriptionId, version, changes));
    await event(2, { stage: 'awaiting-approval' });
    await gateway.query(
      `update gateway.subscription_projections set confirmed_at = confirmed_at - interval '26 hours' where subscription_id = $1`,
      [subscriptionId],
    );
    const waiting = await browser.get(path);
    expect([waiting.state, waiting.text('purchase-state')]).toEqual(['setting-up', 'Waiting for approval']);
    expect(waiting.html).toContain('Your order is being reviewed');
    expect(waiting.html).toContain('nothing is billed until then');
    await event(3, { stage: 'awaiting-approval', status: 'Subscribed' });
    expect((await browser.get(path)).html).not.toContain('nothing is billed');
    await event(4, { stage: 'provisioning', status: 'Subscribed' });
    expect((await browser.get(path)).text('purchase-state')).toBe('Being set up');
  });

  it('tells the customer of a rejected order why, and what it means, until it is cancelled', async () => {
    const { browser, path, subscriptionId } = await customers.arrive(ada);
    const rejected = { stage: 'rejected', rejectionReason: 'We sell <this> in the EU only.' };
    const request = { requestId: randomUUID(), outcome: 'failed' };
    const event = (name: string, version: number, changes: object = {}) =>
      gateway.deliver(subscriptionEvent(name, subscriptionId, version, { ...rejected, ...request, reason: 'for people', ...changes }));
    await event('cancellation-requested', 3);
    const page = await browser.get(path);
    expect([page.state, page.text('purchase-state')]).toEqual(['rejected', 'Not accepted']);
    expect(page.text('rejection-reason')).toBe('We sell &lt;this&gt; in the EU only.');
    expect(page.html).toContain('It is being cancelled at Microsoft, and nothing is billed for it.');
    await event('cancellation-failed', 4, { hasSetUpFailed: true });
    const failed = (await browser.get(path)).html;
    expect(failed).toContain('somebody here looks at it');
    expect(failed).not.toContain('for people');
    await event('unsubscribed', 5, { status: 'Unsubscribed', access: 'ended' });
    const ended = await browser.get(path);
    expect([ended.state, ended.text('rejection-reason')]).toEqual(['rejected', 'We sell &lt;this&gt; in the EU only.']);
    expect(ended.html).toContain('It is cancelled at Microsoft.');
    expect(ended.html).toMatch(/data-refresh-ms=""/);
  });

  it('tells it again to a customer who comes again from Microsoft', async () => {
    const { page } = await customers.arrive(ada, { stage: 'rejected', rejectionReason: 'We sell it in the EU only.', version: 3 });
    expect([page.state, page.text('rejection-reason')]).toEqual(['rejected', 'We sell it in the EU only.']);
    expect(page.html).not.toContain('/purchase/confirm');
  });

  it('shows a stranger no reason of a rejection', async () => {
    const { page } = await customers.arrive(stranger, { stage: 'rejected', rejectionReason: 'We sell it in the EU only.', version: 3 });
    expect([page.state, page.html.includes('EU only')]).toEqual(['forbidden', false]);
  });

  it('does not promise a start to somebody whose subscription Microsoft has started', async () => {
    const { page } = await customers.arrive(ada, { status: 'Subscribed' });
    expect(page.state).toBe('form');
    expect(page.html).toContain('Microsoft has started your subscription already');
    expect(page.html).not.toContain('Activate subscription');
  });

  it('keeps several purchases in one browser apart', async () => {
    const one = await customers.arrive(ada);
    const other = await customers.land(one.browser);
    expect((await one.browser.get(other.path)).state).toBe('opening');
    expect((await one.browser.get(one.path)).state).toBe('form');
    const proofOfOther = { purchaseId: other.purchaseId, csrf: one.page.field('csrf') };
    expect((await one.browser.post('/purchase/confirm', proofOfOther)).state).toBe('form-expired');
  });

  it('shows a stranger nothing, and leads to another account', async () => {
    const { page } = await customers.arrive(stranger);
    expect([page.status, page.state]).toEqual([403, 'forbidden']);
    expect(page.html).not.toContain('contoso');
    expect(page.html).toContain('account=other');
  });

  it('follows the subscription by its version, in whatever order the topics are read', async () => {
    const { browser, path, subscriptionId } = await customers.arrive(ada);
    const event = (version: number, changes: object) => subscriptionEvent('activated', subscriptionId, version, changes);
    await gateway.deliver(event(4, { status: 'Subscribed', stage: 'done', access: 'full', planId: 'gold' }));
    await gateway.deliver(event(3, { stage: 'provisioning' }));
    const page = await browser.get(path);
    expect([page.state, page.text('plan')]).toEqual(['active', 'gold']);
    expect(page.text('purchase-state')).toContain('active');
    await gateway.deliver(event(5, { status: 'Suspended', stage: 'done', access: 'limited' }));
    expect((await browser.get(path)).state).toBe('suspended');
    await gateway.deliver(event(6, { status: 'Unsubscribed', stage: 'done', access: 'ended' }));
    expect((await browser.get(path)).state).toBe('cancelled');
  });

  it('says how to come back when the token led nowhere (pitfall 2)', async () => {
    const { browser, path, purchaseId } = await customers.land();
    await customers.signIn(browser, path, ada);
    await gateway.deliver(purchaseUnresolved({ purchaseId, reason: 'token-expired' }));
    const page = await browser.get(path);
    expect(page.state).toBe('unresolved');
    expect(page.html).toContain('Configure account');
  });
});

describe('the public endpoint', () => {
  it('lets nobody frame it, tells no referrer, runs no inline script and keeps nothing in caches', async () => {
    const { page } = await customers.arrive(ada);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe-inline');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.html).not.toMatch(/<script(?![^>]*src=)|style=|onclick=/);
  });

  it('has its style, script and icon in reach', async () => {
    for (const path of ['/assets/gateway.css', '/assets/progress.js', '/assets/favicon.svg'])
      expect((await gateway.browser().get(path)).status).toBe(200);
  });

  it('answers what it does not know with a page', async () => {
    for (const path of ['/nothing', '/purchase/nothing', '/assets/../app.module.js', '/webhook']) {
      const page = await gateway.browser().get(path);
      expect(page.headers.get('content-type')).toContain('text/html');
      expect(page.html).not.toMatch(/stack|Error:|statusCode/);
      expect(page.status).toBeGreaterThanOrEqual(403);
    }
  });

  it('says that it is temporarily unavailable while the database is away', async () => {
    const { browser, path } = await customers.arrive(ada);
    await gateway.withoutDatabase(async () => {
      const page = await browser.get(path);
      expect([page.status, page.state]).toEqual([503, 'unavailable']);
    });
  });
});
