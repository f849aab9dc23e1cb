import { randomUUID } from 'node:crypto';
import { activate, readSubscription, type Message } from '@landfall/contracts';
import { contoso, fabrikam, type Health } from '../testing/two.publishers';
import { twoPublishersApp } from '../testing/two.publishers.app';

const setup = twoPublishersApp();
const { app, incoming, opened, webhook, failures } = setup;

/** More than the breaker of one client needs to open. */
const MANY = 15;

const order = (subscriptionId: string, no = 1) =>
  incoming(readSubscription({ subscriptionId, order: no, afterMs: 0, members: ['status'], closes: [] }));
const toActivate = (subscriptionId: string) => incoming(activate({ subscriptionId, planId: 'silver', quantity: 10, version: 1 }));
const subscriptionsOf = (sent: { key: string; type: string }[], type: string) =>
  sent.filter((message) => message.type === `landfall.fulfillment.${type}.v1`).map(({ key }) => key);

/** Delivered, and again where a busy machine was too slow for the facts of a batch. */
async function handled(...messages: Message[]): Promise<void> {
  await app.deliver(...messages);
  await setup.eventually(async () => {
    await app.redeliver();
    return (await app.blockedKeys()).length === 0;
  });
}

/** Until Microsoft is asked for the subscriptions of both publishers. */
async function readable(): Promise<void> {
  for (const publisher of [contoso, fabrikam]) {
    const { id } = setup.microsoft.sell(publisher);
    await setup.eventually(async () => {
      await app.deliver(await opened(publisher, id), order(id, 2));
      await setup.performLater();
      return subscriptionsOf(await app.sent(), 'subscription-observed').includes(id);
    });
  }
}

/** Subscriptions of both, on record. */
async function known() {
  await readable(); // it may be kept back for some seconds of real time, since the spec before
  const sales = Array.from({ length: MANY }, () => [setup.microsoft.sell(contoso), setup.microsoft.sell(fabrikam)]).flat();
  await setup.eventually(async () => {
    const bound = await setup.bindings();
    const missing = sales.filter(({ id }) => !bound[id]);
    await app.deliver(...(await Promise.all(missing.map(({ publisher, id }) => opened(publisher, id)))));
    await app.perform();
    return missing.length === 0;
  });
  await app.query('delete from fulfillment.job');
  await app.sent();
  setup.microsoft.calls.length = 0;
  const idsOf = (publisher: typeof contoso) => sales.filter((sold) => sold.publisher === publisher).map(({ id }) => id);
  return { sales, contosos: idsOf(contoso), fabrikams: idsOf(fabrikam) };
}

/** Everything that is asked for both is done for one, and waits for the other without counting as a failure. */
async function goesOnBeside(health: Health): Promise<void> {
  const { contosos, fabrikams, sales } = await known();
  setup.microsoft.health.set('fabrikam', health);
  await handled(...sales.flatMap(({ id }) => [order(id), toActivate(id)]));
  for (let round = 0; round < 4; round += 1) await app.perform();

  const sent = await app.sent();
  expect(subscriptionsOf(sent, 'subscription-observed').toSorted()).toEqual([...contosos, ...contosos].toSorted()); // ordered, activated
  const waiting = await failures();
  expect(waiting).toHaveLength(2 * fabrikams.length);
  for (const job of waiting) expect(job).toMatchObject({ state: 'ready', failures: 0 });
  expect(waiting.every(({ key }) => fabrikams.some((id) => key.includes(id)))).toBe(true);

  // the same for what webhooks announce, in one batch
  const operationIds = sales.map((sold) => (sold.operation = { id: randomUUID(), action: 'ChangePlan', status: 'InProgress' }).id);
  await handled(...sales.map(({ publisher, id }, at) => webhook(publisher, id, operationIds[at])));
  const announced = await app.sent();
  expect(subscriptionsOf(announced, 'operation-verified').toSorted()).toEqual(contosos.toSorted());
  expect(subscriptionsOf(announced, 'operation-announced').toSorted()).toEqual(fabrikams.toSorted());
  expect(await app.blockedKeys()).toEqual([]);
}

it('goes on for one publisher while another has used up what Microsoft grants', () => goesOnBeside('throttled'));

it('goes on for one publisher while Microsoft fails for another', () => goesOnBeside('failing'));

it('goes on for one publisher while the calls of another hang', async () => {
  const { contosos, fabrikams, sales } = await known();
  setup.microsoft.health.set('fabrikam', 'hanging');
  await handled(...sales.map(({ id }) => order(id)));
  let hasEnded = false;
  const performing = app.perform().then(() => (hasEnded = true));
  await setup.eventually(() => setup.microsoft.callsBy(contoso).length === contosos.length);
  expect(hasEnded).toBe(false);
  await setup.eventually(() => setup.microsoft.callsBy(fabrikam).length === fabrikams.length);
  setup.microsoft.release();
  await performing;
  expect(subscriptionsOf(await app.sent(), 'subscription-observed').toSorted()).toEqual(contosos.toSorted());
  for (const job of await failures()) expect(job).toMatchObject({ state: 'ready', failures: 0 });
});

it('makes up for everything once the other publisher is let in again', async () => {
  const { fabrikams } = await known();
  setup.microsoft.health.set('fabrikam', 'failing');
  await handled(...fabrikams.map((id) => order(id)));
  await app.perform();
  expect(subscriptionsOf(await app.sent(), 'subscription-observed')).toEqual([]);
  setup.microsoft.health.set('fabrikam', 'well');
  await setup.eventually(async () => {
    await setup.performLater(); // the breaker rests for some seconds of real time
    return (await app.jobs()).length === 0;
  });
  expect(subscriptionsOf(await app.sent(), 'subscription-observed').toSorted()).toEqual(fabrikams.toSorted());
});

// The last one: Entra's refusal is repeated from memory for half a minute.
it('goes on for one publisher while another’s secret has lapsed', () => goesOnBeside('not signed in'));
