import type { Page } from '../testing/browser.fixture';
import { ada, bruno, Customers, owner, registered, stranger, subscriptionEvent } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

let gateway: TestGateway;
let customers: Customers;
beforeAll(async () => {
  gateway = await startGateway();
  customers = new Customers(gateway);
});
afterAll(() => gateway.close());

const filled = (page: Page, changes: Record<string, string> = {}) => ({
  purchaseId: page.field('purchaseId'),
  csrf: page.field('csrf'),
  email: 'ada@fabrikam.example',
  name: 'Ada Fabrikam',
  acceptTerms: 'yes',
  ...changes,
});
const confirmations = async (subscriptionId: string) =>
  (await gateway.sent()).filter(({ type, key }) => type === 'landfall.gateway.purchase-confirmed.v1' && key === subscriptionId);

/** The form was shown and sent, and something changes before it is decided. */
async function confirmedWhile(sending: () => Promise<Page>, subscriptionId: string, change: () => Promise<unknown>): Promise<Page> {
  await gateway.query('begin');
  await gateway.query('select from gateway.subscription_projections where subscription_id = $1 for update', [subscriptionId]);
  const answer = sending();
  await gateway.waitingForLocks(1);
  await change();
  await gateway.query('commit');
  return answer;
}

describe('confirming', () => {
  it('is published once, with the contact encrypted for subscription, and shows the set-up', async () => {
    const { browser, path, page, purchaseId, subscriptionId } = await customers.arrive(ada);
    const answer = await browser.post('/purchase/confirm', filled(page, { email: 'office@fabrikam.example' }));
    expect([answer.status, answer.location]).toEqual([303, path]);
    expect((await browser.get(path)).state).toBe('setting-up');
    const [message, ...others] = await confirmations(subscriptionId);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ correlationId: purchaseId, data: { purchaseId, person: owner(ada) } });
    expect(JSON.parse(await gateway.decrypted('subscription', message!.data['encryptedContact']))).toEqual({
      email: 'office@fabrikam.example',
      name: 'Ada Fabrikam',
    });
    expect(JSON.stringify(message)).not.toContain('fabrikam.example');
  });

  it('is published once through a reload, a double click and twenty parallel POSTs', async () => {
    const { browser, page, path, subscriptionId } = await customers.arrive(ada);
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.copy().post('/purchase/confirm', filled(page))));
    expect(answers.map(({ status, location }) => [status, location])).toEqual(Array(20).fill([303, path]));
    await browser.post('/purchase/confirm', filled(page));
    expect(await confirmations(subscriptionId)).toHaveLength(1);
  });

  it('is published once although all of them decide at the same moment', async () => {
    const { browser, page, subscriptionId } = await customers.arrive(ada);
    await gateway.query('begin');
    await gateway.query('select from gateway.subscription_projections where subscription_id = $1 for update', [subscriptionId]);
    const answers = Array.from({ length: 20 }, () => browser.copy().post('/purchase/confirm', filled(page)));
    await gateway.waitingForLocks(8);
    await gateway.query('commit');
    await Promise.all(answers);
    expect(await confirmations(subscriptionId)).toHaveLength(1);
  });

  it('is published once for two tabs that came with a link each', async () => {
    const one = await customers.arrive(ada);
    const other = await customers.land(one.browser);
    await one.browser.get(other.path);
    await gateway.deliver(registered(other.purchaseId, one.subscriptionId));
    const otherPage = await one.browser.get(other.path);
    expect(otherPage.state).toBe('form');
    await Promise.all([
      one.browser.post('/purchase/confirm', filled(one.page)),
      one.browser.copy().post('/purchase/confirm', filled(otherPage)),
    ]);
    expect(await confirmations(one.subscriptionId)).toHaveLength(1);
    expect((await one.browser.get(other.path)).state).toBe('setting-up');
  });

  it('is possible for a colleague of the beneficiary, and not for a stranger (pitfall 32)', async () => {
    const colleague = await customers.arrive(bruno);
    await colleague.browser.post('/purchase/confirm', filled(colleague.page));
    expect(await confirmations(colleague.subscriptionId)).toHaveLength(1);

    const { browser, path, page, subscriptionId } = await customers.arrive(ada);
    expect((await browser.post('/signout', { proof: page.field('csrf') })).state).toBe('form-expired');
    expect((await browser.post('/signout', { proof: page.field('proof') })).state).toBe('signed-out');
    const begin = await browser.get(`/signin?purchase=${path.replace('/purchase/', '')}&account=other`);
    expect(begin.location).toContain('prompt=select_account');
    await browser.get(gateway.identity.signIn(begin.location, stranger));
    const forbidden = await browser.get(path);
    expect(forbidden.state).toBe('forbidden');
    expect((await browser.post('/purchase/confirm', filled(page))).status).toBe(403);
    expect(await confirmations(subscriptionId)).toEqual([]);
  });

  it.each([
    ['no proof', { csrf: '' }, 403],
    ['a forged proof', { csrf: 'A'.repeat(43) }, 403],
  ])('is refused with %s', async (_case, changes, status) => {
    const { browser, page, subscriptionId } = await customers.arrive(ada);
    expect((await browser.post('/purchase/confirm', filled(page, changes))).status).toBe(status);
    expect(await confirmations(subscriptionId)).toEqual([]);
  });

  it('is refused with the proof of another session', async () => {
    const one = await customers.arrive(ada);
    const other = await customers.arrive(ada);
    const proof = { csrf: other.page.field('csrf') };
    expect((await one.browser.post('/purchase/confirm', filled(one.page, proof))).state).toBe('form-expired');
  });

  it('shows the form again with what was typed where something is wrong', async () => {
    const { browser, page, subscriptionId } = await customers.arrive(ada);
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
    const { browser, page, purchaseId } = await customers.arrive(ada);
    await gateway.query(`update gateway.sessions set expires_at = now() - interval '1 second'`);
    const ended = await browser.post('/purchase/confirm', filled(page));
    expect([ended.status, ended.state]).toEqual([401, 'signin-ended']);
    expect(ended.html).toContain(`/signin?purchase=${purchaseId}`);
  });

  it('is refused with a reason to somebody who has lost the right meanwhile', async () => {
    const { browser, page, purchaseId, subscriptionId } = await customers.arrive(ada);
    const nobody = JSON.stringify(owner(stranger));
    const answer = await confirmedWhile(
      () => browser.post('/purchase/confirm', filled(page)),
      subscriptionId,
      () =>
        gateway.query('update gateway.subscription_projections set beneficiary = $2, purchaser = $2 where subscription_id = $1', [
          subscriptionId,
          nobody,
        ]),
    );
    expect([answer.status, answer.state]).toEqual([409, 'refused']);
    expect(answer.html).toContain('This account may not confirm the purchase.');
    expect(answer.html).toContain(`href="/purchase/${purchaseId}"`);
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(await confirmations(subscriptionId)).toEqual([]);
  });

  it('says when to try again where the purchase is not registered yet', async () => {
    const { browser, page, purchaseId, subscriptionId } = await customers.arrive(ada);
    const answer = await confirmedWhile(
      () => browser.post('/purchase/confirm', filled(page)),
      subscriptionId,
      () => gateway.query('delete from gateway.subscription_projections where subscription_id = $1', [subscriptionId]),
    );
    expect([answer.status, answer.state]).toEqual([409, 'not-yet']);
    expect(answer.html).toContain('Your purchase has not been registered yet.');
    expect(answer.html).toContain('try again in a moment');
    expect(answer.html).toContain(`href="/purchase/${purchaseId}"`);
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  it('changes nothing once the subscription has ended', async () => {
    const { browser, page, path, subscriptionId } = await customers.arrive(ada);
    const ended = { status: 'Unsubscribed', access: 'ended' };
    await gateway.deliver(subscriptionEvent('unsubscribed', subscriptionId, 9, ended));
    expect((await browser.post('/purchase/confirm', filled(page))).location).toBe(path);
    expect(await confirmations(subscriptionId)).toEqual([]);
  });
});
