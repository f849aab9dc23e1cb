import { randomUUID } from 'node:crypto';
import { ada, Customers } from './testing/customer.fixture';
import { startGateway, type TestGateway } from './testing/gateway.fixture';

let gateway: TestGateway;
let customers: Customers;
beforeAll(async () => {
  gateway = await startGateway();
  customers = new Customers(gateway);
  await gateway.query(`
    create function gateway.fail() returns trigger language plpgsql as
      $$ begin raise exception 'made by a spec' using errcode = tg_argv[0]; end $$`);
  await gateway.query(`grant execute on function gateway.fail() to public`);
});
afterAll(() => gateway.close());

interface Answer {
  readonly status: number;
  readonly state?: string;
  readonly headers: Headers;
  readonly html?: string;
}

interface Request {
  /** The table that takes it first. */
  readonly table: string;
  send(): Promise<Answer>;
}

const webhook: Request = { table: 'gateway.webhook_deliveries', send: postWebhook };

async function postWebhook(): Promise<Answer> {
  const notification = { id: randomUUID(), subscriptionId: randomUUID(), action: 'Renew' };
  const headers = { authorization: `Bearer ${await gateway.identity.webhookToken()}` };
  const response = await fetch(`${gateway.url}/webhook`, { method: 'POST', body: JSON.stringify(notification), headers });
  await response.arrayBuffer();
  return response;
}

/** A signed-in customer's first visit to a purchase, and the form of another purchase that is ready to be sent. */
async function visitAndForm(): Promise<[Request, Request]> {
  const { browser, page } = await customers.arrive(ada);
  const { path } = await customers.land(browser);
  const form = { purchaseId: page.field('purchaseId'), csrf: page.field('csrf'), email: ada.email!, name: 'Ada', acceptTerms: 'yes' };
  return [
    { table: 'gateway.purchases', send: () => browser.get(path) },
    { table: 'gateway.subscription_projections', send: () => browser.post('/purchase/confirm', form) },
  ];
}

/** Nothing was lost: what failed succeeds when it comes again. */
async function expectSuccess(...requests: Request[]): Promise<void> {
  for (const { send } of requests) expect((await send()).status).toBeLessThan(400);
}

function expectPage(answer: Answer): void {
  expect([answer.status, answer.state]).toEqual([503, 'unavailable']);
  expect(answer.headers.get('retry-after')).toBe('10');
  expect(answer.html).toContain('Nothing is lost: try again in a minute.');
}

function expectWebhookAnswer(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('10');
}

/** Every writing statement to the table fails with the SQLSTATE while the work runs. */
async function failing(table: string, sqlstate: string, work: () => Promise<void>): Promise<void> {
  await gateway.query(
    `create trigger fail before insert or update on ${table} for each statement execute function gateway.fail('${sqlstate}')`,
  );
  await work().finally(() => gateway.query(`drop trigger fail on ${table}`));
}

describe('while the database is away,', () => {
  let visit: Request, form: Request;
  beforeAll(async () => {
    [visit, form] = await visitAndForm();
  });
  afterAll(() => expectSuccess(visit, form, webhook));

  it.each([
    ['25006', 'a standby that only reads'],
    ['57014', 'a time limit of a statement'],
    ['55P03', 'a time limit of a lock'],
    ['25P03', 'a time limit of an idle transaction'],
    ['40P01', 'a deadlock that was lost, three times'],
    ['40001', 'a serialization failure, three times'],
    ['08006', 'a cut connection'],
    ['53100', 'a full disk'],
    ['53300', 'too many connections'],
    ['57P01', 'a server that stops'],
    ['57P03', 'a server that starts'],
  ])('with %s (%s), pages and the webhook are 503 and say when to come again', async (sqlstate) => {
    for (const { table, send } of [visit, form]) await failing(table, sqlstate, async () => expectPage(await send()));
    await failing(webhook.table, sqlstate, async () => expectWebhookAnswer(await webhook.send()));
  });

  it('customers who come from Microsoft are sent on to their sign-in all the same: nothing is stored before it', async () => {
    await gateway.withoutDatabase(async () => {
      const { browser, path } = await customers.land();
      expect(path).toMatch(/^\/purchase\//);
      expect((await browser.get('/signin')).status).toBe(302);
    });
  });

  it('since it only reads after a failover, pages and the webhook are 503', async () => {
    await gateway.withDatabaseSetting('default_transaction_read_only', 'on', async () => {
      for (const { send } of [visit, form]) expectPage(await send());
      expectWebhookAnswer(await webhook.send());
    });
  });

  it('since a lock is held for too long, pages and the webhook are 503', async () => {
    await gateway.withDatabaseSetting('lock_timeout', '100', async () => {
      for (const { table, send } of [visit, form]) await locking(table, async () => expectPage(await send()));
      await locking(webhook.table, async () => expectWebhookAnswer(await webhook.send()));
    });
  });

  it('since a flush hangs, the webhook is answered in time all the same: 503', async () => {
    await locking(webhook.table, async () => {
      const startedAt = performance.now();
      const answers = await Promise.all([webhook.send(), webhook.send(), webhook.send()]);
      answers.forEach(expectWebhookAnswer);
      expect(performance.now() - startedAt).toBeLessThan(10_000); // the lock is held for as long as it takes, and Postgres would wait 15 s
    });
  });

  it('since connections are cut in the middle of their work, pages and the webhook are 503', async () => {
    for (const { table, send } of [visit, form]) expectPage(await cutWhileWaiting(table, send));
    expectWebhookAnswer(await cutWhileWaiting(webhook.table, webhook.send));
  });
});

it('a fault of a statement is no outage: the page says that it is our fault, and not when to come again', async () => {
  const [visit] = await visitAndForm();
  await failing(visit.table, '23514', async () => {
    const answer = await visit.send();
    expect([answer.status, answer.state]).toEqual([500, 'failed']);
    expect(answer.headers.get('retry-after')).toBeNull();
  });
});

async function locking(table: string, work: () => Promise<void>): Promise<void> {
  await gateway.query('begin');
  await gateway.query(`lock table ${table} in access exclusive mode`);
  await work().finally(() => gateway.query('rollback'));
  await gateway.nobodyWaitsForLocks(); // or the next test would take whoever is left for its own
}

async function cutWhileWaiting(table: string, send: () => Promise<Answer>): Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  await locking(table, async () => {
    answer = send();
    await gateway.waitingForLocks(1);
    await gateway.cutConnections();
  });
  return answer!;
}
