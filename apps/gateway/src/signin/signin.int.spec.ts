import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import type { TestPerson } from '../testing/identity.fixture';
import { INTERVAL_MS, Retention, ROWS } from '../retention';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const SESSION = '__Host-landfall-session';
const ada: TestPerson = { tid: randomUUID(), oid: randomUUID(), name: 'Ada Fabrikam', email: 'ada@fabrikam.example' };
const sessions = () => gateway.query('select * from gateway.sessions');

async function begun() {
  const browser = gateway.browser();
  const { status, location } = await browser.get('/signin');
  expect(status).toBe(302);
  return { browser, location };
}

describe('signing in', () => {
  it('asks with PKCE, state and nonce, and for nothing but who it is', async () => {
    const asked = new URL((await begun()).location).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid profile email',
    });
    expect(asked.get('redirect_uri')).toBe('http://localhost:8080/signin/callback');
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).toBeGreaterThan(40);
  });

  it('gives a new session id, whatever id the browser came with', async () => {
    const { browser, location } = await begun();
    const planted = 'A'.repeat(43);
    browser.cookies.set(SESSION, planted);
    expect((await browser.get(gateway.identity.signIn(location, ada))).location).toBe('/');
    expect(browser.cookies.get(SESSION)).toMatch(/^[\w-]{43}$/);
    expect(browser.cookies.get(SESSION)).not.toBe(planted);
  });

  it('ends the session that was there before', async () => {
    const { browser, location } = await begun();
    await browser.get(gateway.identity.signIn(location, ada));
    const count = (await sessions()).length;
    const again = await browser.get('/signin');
    await browser.get(gateway.identity.signIn(again.location, ada));
    expect(await sessions()).toHaveLength(count);
  });

  it('keeps ids as hashes and what is personal encrypted', async () => {
    const { browser, location } = await begun();
    await browser.get(gateway.identity.signIn(location, ada));
    const rows = JSON.stringify(await sessions());
    expect(rows).not.toContain('fabrikam');
    expect(rows).not.toContain(browser.cookies.get(SESSION));
  });

  it('is finished once, and only in the browser that began it', async () => {
    const { browser, location } = await begun();
    const callback = gateway.identity.signIn(location, ada);
    const other = (await begun()).browser;
    expect((await other.get(callback)).state).toBe('signin-expired');
    expect((await browser.get(callback)).status).toBe(303);
    expect((await browser.get(callback)).state).toBe('signin-expired');
  });

  it('does not succeed when the customer cancels', async () => {
    const { browser, location } = await begun();
    const state = new URL(location).searchParams.get('state');
    expect((await browser.get(`/signin/callback?error=access_denied&state=${state}`)).state).toBe('signin-refused');
    expect(browser.cookies.has(SESSION)).toBe(false);
  });

  it.each([
    ['names another tenant than its issuer', { tid: randomUUID() }],
    ['names no tenant', { tid: undefined }],
    ['is of an issuer elsewhere', { iss: 'https://evil.example/v2.0' }],
    ['is for another application', { aud: 'another-app' }],
    ['has another nonce', { nonce: 'replayed' }],
    ['has expired', { exp: 1 }],
  ])('does not succeed with an ID token that %s', async (_case, changes) => {
    const { browser, location } = await begun();
    expect((await browser.get(gateway.identity.signIn(location, ada, changes))).state).toBe('signin-refused');
    expect(browser.cookies.has(SESSION)).toBe(false);
  });

  it('does not succeed with an ID token that somebody else signed', async () => {
    const { browser, location } = await begun();
    gateway.identity.isForging = true;
    expect((await browser.get(gateway.identity.signIn(location, ada))).state).toBe('signin-refused');
    gateway.identity.isForging = false;
    expect(browser.cookies.has(SESSION)).toBe(false);
  });

  it('leads to no address from outside', async () => {
    const { browser, location } = await begun();
    expect(location.startsWith(gateway.identity.url)).toBe(true);
    const elsewhere = await browser.get('/signin?purchase=https://evil.example/');
    expect((await browser.get(gateway.identity.signIn(elsewhere.location, ada))).location).toBe('/');
  });

  it('says that it is temporarily unavailable while the identity service is away', async () => {
    const { browser, location } = await begun();
    const callback = gateway.identity.signIn(location, ada);
    gateway.identity.isAway = true;
    expect((await browser.get(callback)).status).toBe(503);
    gateway.identity.isAway = false;
  });
});

describe('what has had its time', () => {
  it('is removed in one turn, however much it is: sessions, old purchases, old deliveries', async () => {
    await oldPurchases(2 * ROWS + 1);
    await gateway.query(`update gateway.sessions set expires_at = now() - interval '1 second'`);
    await gateway.query(
      `insert into gateway.webhook_deliveries (id, registration, received_at, stored_at, claims, answer)
       select gen_random_uuid(), 'default', now(), now() - interval '31 days', '{}', 200 from generate_series(1, ${2 * ROWS + 1})`,
    );
    await gateway.get(Retention).clean();
    for (const table of ['sessions', 'purchases', 'webhook_deliveries'])
      expect(await gateway.query(`select from gateway.${table}`)).toEqual([]);
  });

  it('is not removed any more after a stop, and the stop waits for the statement that is under way', async () => {
    const { browser, location } = await begun();
    await browser.get(gateway.identity.signIn(location, ada));
    await gateway.query(`update gateway.sessions set expires_at = now() - interval '1 second'`);
    await oldPurchases(1);
    const holder = gateway.get(DataSource).createQueryRunner();
    await holder.startTransaction();
    await holder.query('select from gateway.sessions for update');

    const retention = new Retention(gateway.get(DataSource));
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }); // the database goes on
    retention.onApplicationBootstrap();
    jest.advanceTimersByTime(INTERVAL_MS);
    jest.useRealTimers();
    await untilBlocked('delete from gateway.sessions%');
    let isStopped = false;
    const stopped = retention.beforeApplicationShutdown().then(() => (isStopped = true));
    await gateway.query('select pg_sleep(0.1)');
    expect(isStopped).toBe(false);
    await holder.rollbackTransaction();
    await holder.release();
    await stopped;
    expect(await gateway.query('select from gateway.sessions')).toEqual([]);
    expect(await gateway.query('select from gateway.purchases')).toHaveLength(1);
  });

  const oldPurchases = (count: number) =>
    gateway.query(
      `insert into gateway.purchases (purchase_id, registration, browser_hash, opened_by, opened_at)
       select gen_random_uuid(), 'default', '', '{}', now() - interval '31 days' from generate_series(1, ${count})`,
    );

  async function untilBlocked(statement: string): Promise<void> {
    const blocked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '${statement}'`;
    for (const end = Date.now() + 10_000; (await gateway.query(blocked)).length === 0;)
      if (Date.now() > end) throw new Error('no statement waits for the lock');
  }
});
