import { randomUUID } from 'node:crypto';
import { DEFAULT_REGISTRATION, readSubscription, webhookReceived, type DataOf } from '@landfall/contracts';
import { MarketplaceAnswerUnreadable, MarketplaceForbidden, MarketplaceNotFound } from '@landfall/marketplace-client';
import { Logger } from '@nestjs/common';
import { register } from 'prom-client';
import { away } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { READ_LIMIT_MS, UNSHOWN_LIMIT_MS } from './observation.domain';

const { app, marketplace, incoming, performLater, failures } = fulfillmentApp();

let lastOrder = 0;
const order = (differing: Partial<DataOf<typeof readSubscription>> = {}) =>
  incoming(
    readSubscription({
      ...{ subscriptionId: marketplace.subscription!.id, order: ++lastOrder, afterMs: 0, members: ['status'], closes: [] },
      ...differing,
    }),
  );
const observed = (data: object) => ({ type: 'landfall.fulfillment.subscription-observed.v1', data: { occasion: 'order', ...data } });

it('reads a subscription as it is ordered, and hands back what it closes', async () => {
  const closes = [{ member: 'plan' as const, change: 4 }];
  const message = order({ members: ['plan'], closes });
  await app.deliver(message);
  await app.deliver(message);
  await app.perform();
  expect(await app.sent()).toMatchObject([observed({ order: message.data.order, closes, read: { snapshot: { planId: 'silver' } } })]);
  expect(await app.jobs()).toEqual([]);
});

it('reads it when the time has come, and not before; two orders are never one', async () => {
  await app.deliver(order({ afterMs: 150_000 }), order({ afterMs: 5_000 }));
  expect(await app.perform()).toBe(0);
  app.clock.advance(5_000);
  expect(await app.perform()).toBe(1);
  expect(await app.jobs()).toHaveLength(1);
});

it('has its number drawn when it is made, not when it is ordered', async () => {
  const [late, early] = [order({ afterMs: 60_000 }), order()];
  await app.deliver(late, early);
  await app.perform();
  await performLater();
  const sent = (await app.sent()) as { data: { order: number; read: { readNo: number } } }[];
  expect(sent.map(({ data }) => data.order)).toEqual([early.data.order, late.data.order]);
  expect(sent[1]!.data.read.readNo).toBeGreaterThan(sent[0]!.data.read.readNo);
});

it('repeats it until the answer has what is wanted', async () => {
  await app.deliver(order({ members: ['autoRenew', 'plan'] }));
  marketplace.show({ autoRenew: undefined });
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(await app.sent()).toEqual([]);
  expect(await app.jobs()).toMatchObject([{ lastError: 'Microsoft left out autoRenew' }]);
  marketplace.show({ autoRenew: false });
  await performLater();
  expect(await app.sent()).toMatchObject([observed({ read: { snapshot: { autoRenew: false } } })]);
});

it('publishes what there is after ten minutes of answers without it, and counts that', async () => {
  const counted = async () => (await register.getSingleMetric('marketplace_incomplete_reads_total')!.get()).values[0]!.value;
  await app.deliver(order({ afterMs: 300_000, members: ['term'] }));
  marketplace.show({ term: undefined });
  app.clock.advance(READ_LIMIT_MS); // since it was ordered; since it was due, it is half of that
  expect(await app.perform()).toBe(1);
  expect([await app.sent(), await counted()]).toEqual([[], 0]);
  app.clock.advance(300_000);
  await app.perform();
  expect([await app.sent(), await counted()]).toMatchObject([[observed({ read: { snapshot: { planId: 'silver' } } })], 1]);
});

it('reads a subscription that has ended', async () => {
  marketplace.show({ status: 'Unsubscribed', planId: 'gold' });
  await app.deliver(order());
  await app.perform();
  expect(await app.sent()).toMatchObject([observed({ read: { snapshot: { status: 'Unsubscribed', planId: 'gold' } } })]);
});

it('tells again, after the read that imports a subscription, how its operations ended before anybody knew it (rule 6)', async () => {
  const suspension = marketplace.operate({ id: randomUUID(), action: 'Suspend', status: 'Succeeded' });
  const { id: operationId, subscriptionId } = suspension;
  const timeStamp = '2026-03-01T01:32:52.039Z';
  await app.deliver(
    incoming(
      webhookReceived({
        ...{ subscriptionId, operationId, action: 'Suspend', deliveryId: randomUUID(), registration: DEFAULT_REGISTRATION, source: null },
        ...{ planId: null, quantity: null, timeStamp, isRevert: false, receivedAt: timeStamp },
      }),
    ),
  );
  const [verified] = (await app.sent()) as unknown as [{ data: { operationDate: string } }];
  const settledAgain = {
    type: 'landfall.fulfillment.operation-settled.v1',
    data: { operationId, settled: 'Succeeded', read: null, operationDate: verified.data.operationDate },
  };
  await app.deliver(order({ order: 1, members: ['status', 'plan'] }));
  await app.perform();
  expect(await app.sent()).toMatchObject([observed({ order: 1 }), settledAgain]);
  await app.deliver(order({ order: 2 }));
  await app.perform();
  expect(await app.sent()).toMatchObject([observed({ order: 2 })]);
});

it('waits for nothing and holds up nothing: each read is by itself', async () => {
  const stuck = order({ members: ['privateOfferId'] });
  await app.deliver(stuck, order());
  expect(await app.perform()).toBe(2);
  expect(await app.sent()).toHaveLength(1);
});

it('waits while Microsoft is away, without counting it as a failure', async () => {
  await app.deliver(order());
  marketplace.failing = () => {
    throw away();
  };
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(await failures()).toEqual([{ state: 'ready', failures: 0 }]);
  marketplace.failing = () => undefined;
  await performLater();
  expect(await app.sent()).toHaveLength(1);
});

it.each([
  ['does not show it', () => new MarketplaceNotFound('404', { status: 404 })],
  ['does not let us see it', () => new MarketplaceForbidden('403', { status: 403 })],
  ['shows what can’t be read', () => new MarketplaceAnswerUnreadable('status', 'is not of kind text')],
])('is repeated until it is answered, however long Microsoft %s: what it closes would be shut for ever', async (_case, answer) => {
  const counted = async () => (await register.getSingleMetric('marketplace_unanswered_reads_total')!.get()).values[0]!.value;
  const before = await counted();
  const closes = [{ member: 'plan' as const, change: 4 }];
  await app.deliver(order({ closes }));
  marketplace.failing = () => {
    throw answer();
  };
  await performLater();
  expect(await counted()).toBe(before);
  await app.query('update fulfillment.job set attempts = 60, failures = 39');
  app.clock.advance(READ_LIMIT_MS);
  await app.perform();
  expect(await failures()).toMatchObject([{ state: 'ready' }]);
  expect(await counted()).toBe(before + 1); // an operator sees it
  marketplace.failing = () => undefined;
  app.clock.advance(READ_LIMIT_MS);
  await app.perform();
  expect(await app.sent()).toMatchObject([observed({ closes })]);
});

const givenUp = async () => (await register.getSingleMetric('marketplace_reads_given_up_total')!.get()).values[0]!.value;
const notShown = () => {
  throw new MarketplaceNotFound('404', { status: 404 });
};

it('ends after a day of answers that show no such subscription where it closes nothing, such as an import: an operator sees what that means', async () => {
  const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const before = await givenUp();
  await app.deliver(order({ order: 1, afterMs: READ_LIMIT_MS, members: ['status', 'plan'] }));
  marketplace.failing = notShown;
  app.clock.advance(UNSHOWN_LIMIT_MS);
  expect(await app.perform()).toBe(1); // the day counts from when it was due
  expect(await failures()).toMatchObject([{ state: 'ready' }]);
  app.clock.advance(READ_LIMIT_MS);
  await app.perform();
  expect([await app.jobs(), await app.sent(), await givenUp()]).toEqual([[], [], before + 1]);
  expect(logged.mock.calls.at(-1)).toEqual([
    expect.objectContaining({ subscriptionId: marketplace.subscription!.id, order: 1 }),
    expect.stringContaining('a new webhook or customer orders it again'),
  ]);
  logged.mockRestore();
});

it.each([
  ['it closes a change', [{ member: 'plan' as const, change: 4 }], notShown],
  [
    'we are not let in',
    [],
    () => {
      throw new MarketplaceForbidden('403', { status: 403 });
    },
  ],
])('goes on after that day where %s', async (_case, closes, answer) => {
  const before = await givenUp();
  await app.deliver(order({ closes }));
  marketplace.failing = answer;
  app.clock.advance(UNSHOWN_LIMIT_MS);
  await app.perform();
  expect([await failures(), await givenUp()]).toMatchObject([[{ state: 'ready' }], before]);
});
