import { randomUUID } from 'node:crypto';
import { purchaseOpened } from '@landfall/contracts';
import {
  MarketplaceAnswerUnreadable,
  MarketplaceForbidden,
  MarketplaceNotFound,
  MarketplaceThrottled,
  type Subscription,
} from '@landfall/marketplace-client';
import { Keyring } from '@landfall/service-defaults';
import { away, rejected } from '../testing/fake.marketplace';
import { plansMissing, purchasesUnresolved } from '../microsoft/microsoft.metrics';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { aMarketplacePlan } from '../testing/microsoft.samples';
import { RESOLVE_LIMIT_MS } from './purchase.domain';
import { PurchaseWorker } from './purchase.worker';

const { app, marketplace, incoming, performLater, failures, crash } = fulfillmentApp();
afterEach(() => jest.restoreAllMocks());
const token = 'O1QtSSHTxgIt/BlHuRRvnlUoR9LzD+JvUVhePJzbobxo==';

const missing = async () => (await plansMissing.get()).values.reduce((sum, { value }) => sum + value, 0);
const unresolved = async (reason: string) =>
  (await purchasesUnresolved.get()).values.find(({ labels }) => labels.reason === reason)?.value ?? 0;

async function opened(purchaseId = randomUUID()) {
  const encryptedToken = await app.get(Keyring).encryptFor('fulfillment', token);
  const person = { tenantId: randomUUID(), objectId: randomUUID() };
  return incoming(purchaseOpened({ purchaseId, registration: 'default', encryptedToken, person, openedAt: new Date().toISOString() }));
}

it('resolves a purchase once, however often Kafka delivers it', async () => {
  const message = await opened();
  await app.deliver(message);
  await app.deliver(message);
  await app.perform();
  await app.perform();
  expect(marketplace.times('resolve')).toBe(1);
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.fulfillment.purchase-resolved.v1',
      correlationId: message.correlationId,
      data: {
        purchaseId: message.key,
        plans: [{ planId: 'silver' }, { planId: 'gold' }],
        read: { snapshot: { privateOfferId: 'private-1' } },
      },
    },
  ]);
});

it('shows no plans of a subscription that has ended', async () => {
  marketplace.show({ status: 'Unsubscribed' });
  await app.deliver(await opened());
  await app.perform();
  expect(await app.sent()).toMatchObject([{ data: { plans: [], read: { snapshot: { status: 'Unsubscribed' } } } }]);
});

it.each([
  ['refuses the question', () => rejected('the plan is not known')],
  ['answers what can’t be read', () => new MarketplaceAnswerUnreadable('plans.0.planComponents', 'is not of kind object')],
  ['answers 500 or a page of HTML', () => away()],
  ['is throttled', () => new MarketplaceThrottled('429', { status: 429, retryAfterMs: 3_600_000 })],
  ['is forbidden', () => new MarketplaceForbidden('403', { status: 403 })],
])('does not hold a purchase up, nor blame its token, where the list of plans %s', async (_case, answer) => {
  const before = await missing();
  marketplace.failing = (call) => {
    if (call === 'listAvailablePlans') throw answer();
  };
  await app.deliver(await opened());
  await app.perform();
  const sent = await app.sent();
  expect(sent).toMatchObject([{ type: 'landfall.fulfillment.purchase-resolved.v1', data: { plans: [] } }]);
  expect(sent[0]).not.toHaveProperty('data.read.snapshot.privateOfferId'); // not said: it may be learnt later
  expect(await missing()).toBe(before + 2); // all plans, and those of the private offer
  expect(await app.jobs()).toEqual([]);
});

it('does not wait for the list of plans, and does not take its silence for Microsoft’s', async () => {
  await app.deliver(await opened());
  await app.perform();
  const contexts = marketplace.contexts.filter(({ isOptional }) => isOptional);
  expect(contexts).toMatchObject([
    { timeoutMs: 2_000, attempts: 1 },
    { timeoutMs: 2_000, attempts: 1 },
  ]);
});

it('hands on an offer of 100 plans with the longest texts, cut to what a message holds, the bought plan first', async () => {
  const term = { termUnit: 'P1M', termDescription: 'a'.repeat(200), currency: 'USD', price: 999_999.99, included: [] };
  const texts = { displayName: '漢'.repeat(200), description: '漢'.repeat(3_000), billingTerms: Array(6).fill(term) };
  marketplace.plans = Array.from({ length: 100 }, (_, each) =>
    aMarketplacePlan({ ...texts, planId: each === 99 ? 'silver' : `${'p'.repeat(47)}-${each}` }),
  );
  await app.deliver(await opened());
  await app.perform();
  const [message] = await app.sent();
  expect(message).toMatchObject({ type: 'landfall.fulfillment.purchase-resolved.v1', data: { plans: expect.anything() as unknown } });
  const { plans, arePlansCut } = message!.data as { plans: { planId: string }[]; arePlansCut: boolean };
  expect(plans[0]).toMatchObject({ planId: 'silver' });
  expect([plans.length, arePlansCut]).toEqual([100, false]);
  expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(300_000); // 512 kB is what is sent at all
});

it.each([
  ['token-rejected', () => rejected('The token could not be decrypted.')],
  ['token-expired', () => rejected('The token has expired.')],
  ['not-found', () => new MarketplaceNotFound('404', { status: 404 })],
])('publishes %s where Microsoft answers so', async (reason, answer) => {
  const message = await opened();
  marketplace.failing = () => {
    throw answer();
  };
  await app.deliver(message);
  await app.perform();
  expect(await app.sent()).toMatchObject([
    { type: 'landfall.fulfillment.purchase-unresolved.v1', key: message.key, data: { purchaseId: message.key, reason } },
  ]);
  expect(await app.jobs()).toEqual([]);
});

it.each([
  ['is away', () => away()],
  ['does not let us in', () => new MarketplaceForbidden('Entra refuses to sign us in')],
])('waits while Microsoft %s', async (_case, answer) => {
  marketplace.failing = () => {
    throw answer();
  };
  await app.deliver(await opened());
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(await failures()).toEqual([{ state: 'ready', failures: 0 }]);
  marketplace.failing = () => undefined;
  await performLater();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.purchase-resolved.v1' }]);
});

it('takes a 403 for our own registration’s fault, asks on until it is mended, and blames the purchase only in the end', async () => {
  marketplace.failing = () => {
    throw new MarketplaceForbidden('403', { status: 403 });
  };
  await app.deliver(await opened());
  await performLater();
  await performLater();
  expect(await app.sent()).toEqual([]);
  expect(await failures()).toEqual([{ state: 'ready', failures: 2 }]);
  marketplace.failing = () => undefined;
  await performLater();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.purchase-resolved.v1' }]);

  marketplace.failing = () => {
    throw new MarketplaceForbidden('403', { status: 403 });
  };
  await app.deliver(await opened());
  app.clock.advance(RESOLVE_LIMIT_MS);
  await performLater();
  expect(await app.sent()).toMatchObject([{ data: { reason: 'not-ours' } }]);
});

it.each([
  ['answers 5xx each time', () => away()],
  ['shows what this version can’t read', () => new MarketplaceAnswerUnreadable('status', 'is not known')],
])('asks at growing distances and not for longer than the customer is told, where Microsoft %s', async (_case, answer) => {
  marketplace.failing = () => {
    throw answer();
  };
  const before = await unresolved('not-answered');
  await app.deliver(await opened());
  app.clock.advance(RESOLVE_LIMIT_MS - 60_000);
  await app.perform();
  expect(await app.sent()).toEqual([]);
  app.clock.advance(60_000);
  await performLater();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.purchase-unresolved.v1', data: { reason: 'not-answered' } }]);
  expect(await app.jobs()).toEqual([]);
  expect(await unresolved('not-answered')).toBe(before + 1); // an operator sees it
});

it('measures how long a customer has waited by no machine’s clock: another copy may have stored the job', async () => {
  marketplace.failing = () => {
    throw away();
  };
  await app.deliver(await opened());
  app.clock.advance(RESOLVE_LIMIT_MS); // of this copy; the job says that it is new
  let outcome: unknown;
  await crash(async (job) => (outcome = await app.get(PurchaseWorker).resolve(job)));
  expect(outcome).toMatchObject({ kind: 'again' });
});

it('takes plan and seats from where Resolve says them, inside or above (contract 3.3)', async () => {
  const resolve = marketplace.resolve.bind(marketplace);
  jest.spyOn(marketplace, 'resolve').mockImplementation(async (token, context) => {
    const { subscription, ...outer } = await resolve(token, context);
    return { ...outer, subscription: { ...subscription, planId: undefined, quantity: undefined } };
  });
  await app.deliver(await opened());
  await app.perform();
  expect(await app.sent()).toMatchObject([
    { data: { read: { snapshot: { planId: 'silver', quantity: 10, privateOfferId: 'private-1' } } } },
  ]);
});

it.each([
  ['status', { status: undefined }],
  ['plan', { planId: undefined }],
])('takes from Get Subscription the %s that Resolve leaves out', async (_case, leftOut) => {
  resolveShows(leftOut);
  await app.deliver(await opened());
  await app.perform();
  expect(await app.sent()).toMatchObject([
    { data: { read: { snapshot: { status: 'Subscribed', planId: 'silver', privateOfferId: 'private-1' } } } },
  ]);
});

it.each([
  ['leaves it out as well', () => undefined],
  ['does not show the subscription yet', () => new MarketplaceNotFound('404', { status: 404 })],
])(
  'asks on for a status that Resolve leaves out where Get Subscription %s, and sends the customer back in the end',
  async (_case, answer) => {
    const shown = marketplace.subscription!.status;
    marketplace.show({ status: undefined });
    marketplace.failing = (call) => {
      if (call === 'getSubscription' && answer()) throw answer();
    };
    await app.deliver(await opened());
    for (let run = 0; run < 3; run += 1) await performLater();
    expect(await app.sent()).toEqual([]);
    expect(await failures()).toEqual([{ state: 'ready', failures: 0 }]);
    expect(await app.jobs()).toMatchObject([{ lastError: 'Microsoft left out the status or the plan of the purchase' }]);
    marketplace.show({ status: shown });
    await performLater();
    expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.purchase-resolved.v1' }]);

    marketplace.show({ status: undefined });
    await app.deliver(await opened());
    app.clock.advance(RESOLVE_LIMIT_MS);
    await performLater();
    expect(await app.sent()).toMatchObject([{ data: { reason: 'not-answered' } }]);
  },
);

it('asks for a new token where the encrypted one can’t be decrypted, and leaves the job to an operator', async () => {
  const message = await opened();
  await app.deliver({ ...message, data: { ...(message.data as object), encryptedToken: 'broken' } });
  await app.perform();
  expect(await app.sent()).toMatchObject([{ data: { reason: 'not-answered' } }]);
  expect(await app.jobs()).toMatchObject([{ state: 'dead' }]);
});

it('leaves the token in no table and in no log, whatever happens', async () => {
  const logged: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((text) => logged.push(String(text)) > 0);
  await app.deliver(await opened());
  marketplace.failing = (call) => {
    if (call === 'resolve') throw away();
  };
  await performLater();
  marketplace.failing = () => undefined;
  const during = await everything();
  await performLater();
  jest.restoreAllMocks();
  expect(during + (await everything()) + logged.join('\n')).not.toContain(token.slice(4, 24));
  expect(during).toContain('encryptedToken');
});

/** What Resolve shows otherwise than Get Subscription. */
function resolveShows(differing: Partial<Subscription>): void {
  const resolve = marketplace.resolve.bind(marketplace);
  jest.spyOn(marketplace, 'resolve').mockImplementation(async (token, context) => {
    const { subscription, ...outer } = await resolve(token, context);
    return { ...outer, ...('planId' in differing ? { planId: undefined } : {}), subscription: { ...subscription, ...differing } };
  });
}

async function everything(): Promise<string> {
  const tables = await app.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'fulfillment'`,
  );
  const rows: { row: string }[] = [];
  for (const { name } of tables) rows.push(...(await app.query<{ row: string }>(`select t::text as row from ${name} t`)));
  return rows.map(({ row }) => row).join('\n');
}
