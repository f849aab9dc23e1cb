import { randomUUID } from 'node:crypto';
import { purchaseOpened } from '@landfall/contracts';
import { MarketplaceAnswerUnreadable, MarketplaceForbidden, MarketplaceNotFound } from '@landfall/marketplace-client';
import { Keyring } from '@landfall/service-defaults';
import { away, rejected } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';

const { app, marketplace, incoming, performLater, failures } = fulfillmentApp();
const token = 'O1QtSSHTxgIt/BlHuRRvnlUoR9LzD+JvUVhePJzbobxo==';

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
])('does not hold a purchase up, nor blame its token, where the list of plans %s', async (_case, answer) => {
  marketplace.failing = (call) => {
    if (call === 'listAvailablePlans') throw answer();
  };
  await app.deliver(await opened());
  await app.perform();
  expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.purchase-resolved.v1', data: { plans: [] } }]);
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
  app.clock.advance(24 * 3_600_000);
  await performLater();
  expect(await app.sent()).toMatchObject([{ data: { reason: 'not-ours' } }]);
});

it('gives up when the token can be worth nothing any more', async () => {
  marketplace.failing = () => {
    throw away();
  };
  await app.deliver(await opened());
  app.clock.advance(24 * 3_600_000);
  await performLater();
  expect(await app.sent()).toMatchObject([{ data: { reason: 'token-expired' } }]);
});

it('asks for a new token where the encrypted one can’t be decrypted, and leaves the job to an operator', async () => {
  const message = await opened();
  await app.deliver({ ...message, data: { ...(message.data as object), encryptedToken: 'broken' } });
  await app.perform();
  expect(await app.sent()).toMatchObject([{ data: { reason: 'token-rejected' } }]);
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

async function everything(): Promise<string> {
  const tables = await app.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'fulfillment'`,
  );
  const rows: { row: string }[] = [];
  for (const { name } of tables) rows.push(...(await app.query<{ row: string }>(`select t::text as row from ${name} t`)));
  return rows.map(({ row }) => row).join('\n');
}
