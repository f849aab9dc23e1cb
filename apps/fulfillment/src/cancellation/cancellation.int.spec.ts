import { randomUUID } from 'node:crypto';
import { activate, cancelSubscription } from '@landfall/contracts';
import { MarketplaceNotFound } from '@landfall/marketplace-client';
import { JobAdministration } from '@landfall/messaging';
import { away, conflict, rejected, unreachable } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { CancellationWorker } from './cancellation.worker';

const { app, marketplace, incoming, performLater, failures, crash } = fulfillmentApp();

beforeEach(() => marketplace.show({ status: 'PendingFulfillmentStart', term: undefined }));

const requestId = randomUUID();
const command = (subscriptionId = marketplace.subscription!.id) => incoming(cancelSubscription({ subscriptionId, requestId, version: 3 }));
const observedAs = (status: string) => ({
  type: 'landfall.fulfillment.subscription-observed.v1',
  data: { occasion: 'cancellation', read: { snapshot: { status } } },
});
const failedFor = (reason: string) => ({
  type: 'landfall.fulfillment.cancellation-failed.v1',
  data: { requestId, reason: expect.stringContaining(reason) },
});
const crashedRun = () => crash((job) => app.get(CancellationWorker).cancel(job));
const agoOfCalls = (seconds: number) =>
  app.query(`update fulfillment.calls set started_at = started_at - make_interval(secs => $1) where method = 'DELETE'`, [seconds]);
const job = async () => (await app.query<{ id: string; kind: string; state: string }>('select id, kind, state from fulfillment.job'))[0];
const dayMs = 24 * 3_600_000;
const operator = { actor: 'operator-1', correlationId: 'c', reason: 'mended in Partner Center' };
/** Lets the pause after a refusal pass, which is in the ledger: on business time, and by the database's clock. */
const afterPause = async () => {
  await app.query(`update fulfillment.calls set status = 409 where method = 'DELETE' and status is null`);
  app.clock.advance(600_000);
  await agoOfCalls(600);
  await app.perform();
};

it('cancels once, however often it is asked to, and follows until it shows: 202 is not cancelled (contract 3.9)', async () => {
  const message = command();
  marketplace.onCancel = () => undefined;
  await app.deliver(message, message, command());
  await app.perform();
  await performLater();
  await performLater();
  expect(await app.sent()).toEqual([]);
  marketplace.show({ status: 'Unsubscribed' });
  await performLater();
  expect(marketplace.times('cancel')).toBe(1);
  expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
  expect(await app.jobs()).toEqual([]);
});

it('tells the operation that the answer names at once, as our own (rule 9)', async () => {
  const operationId = randomUUID();
  marketplace.onCancel = () => operationId;
  await app.deliver(command());
  await app.perform();
  expect(await app.sent()).toMatchObject([
    { type: 'landfall.fulfillment.operation-announced.v1', data: { operationId, action: 'Unsubscribe', source: 'Partner' } },
  ]);
});

it('publishes the end that is there already, and asks for nothing (rule 3)', async () => {
  marketplace.show({ status: 'Unsubscribed' });
  await app.deliver(command());
  await app.perform();
  expect(marketplace.times('cancel')).toBe(0);
  expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
  expect(await job()).toBeUndefined();
});

it.each(['Subscribed', 'Suspended'])('never cancels what is pending no longer but %s: it says so and holds nothing up', async (status) => {
  marketplace.show({ status });
  await app.deliver(command());
  await app.perform();
  expect(marketplace.times('cancel')).toBe(0);
  expect(await app.sent()).toMatchObject([observedAs(status), failedFor(`as ${status}, so it is pending no longer`)]);
  expect(await job()).toBeUndefined();
});

it('says that it was activated all the same where Microsoft took the cancellation and shows it as Subscribed', async () => {
  marketplace.onCancel = () => undefined;
  await app.deliver(command());
  await app.perform();
  marketplace.show({ status: 'Subscribed' });
  await performLater();
  expect(await app.sent()).toMatchObject([observedAs('Subscribed'), failedFor('pending no longer')]);
});

it('announces the call in the ledger before it is made', async () => {
  let announced: unknown;
  marketplace.failing = async (call) => {
    if (call === 'cancel') announced = await app.query(`select status from fulfillment.calls where method = 'DELETE'`);
  };
  await app.query('delete from fulfillment.calls');
  await app.deliver(command());
  await app.perform();
  expect(announced).toEqual([{ status: null }]);
});

it('does not call again after a crash when the cancellation shows meanwhile', async () => {
  await app.deliver(command());
  await crashedRun();
  await app.perform();
  expect(marketplace.times('cancel')).toBe(1);
  expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
});

it('watches a call whose answer nobody saw before it calls again', async () => {
  marketplace.onCancel = () => undefined;
  await app.deliver(command());
  await crashedRun();
  await performLater();
  expect(marketplace.times('cancel')).toBe(1);
  await agoOfCalls(21);
  await performLater();
  expect(marketplace.times('cancel')).toBe(2);
});

it('does not wait for the effect of a call that was surely not sent', async () => {
  await app.deliver(command());
  marketplace.failing = (call, requestId) => {
    if (call === 'cancel') throw unreachable(requestId);
  };
  await app.perform();
  marketplace.failing = () => undefined;
  await performLater();
  await performLater();
  expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
});

it('waits while Microsoft is away', async () => {
  await app.deliver(command());
  marketplace.failing = () => {
    throw away();
  };
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(await failures()).toEqual([{ state: 'ready', failures: 0 }]);
  marketplace.failing = () => undefined;
  await performLater();
  await performLater();
  expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
});

describe.each([
  ['400', () => rejected('Delete is not allowed')],
  ['404', () => new MarketplaceNotFound('Microsoft answered 404', { status: 404 })],
  ['409', conflict],
])('a cancellation that Microsoft refuses with %s', (status, answer) => {
  const refuse = () => {
    throw answer();
  };

  it('is asked for again with pauses while the purchase is pending', async () => {
    marketplace.onCancel = refuse;
    await app.deliver(command());
    await app.perform();
    await afterPause();
    expect([marketplace.times('cancel'), await app.sent()]).toEqual([2, []]);
    marketplace.onCancel = () => marketplace.show({ status: 'Unsubscribed' });
    await afterPause();
    await performLater();
    expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
    expect(await job()).toBeUndefined();
  });

  it('ends with what the subscription shows', async () => {
    marketplace.onCancel = () => {
      marketplace.show({ status: 'Unsubscribed' });
      throw answer();
    };
    await app.deliver(command());
    await app.perform();
    expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
  });

  it('has failed at the limit, with Microsoft’s reason, as a dead job: an operator retries it (rule 10)', async () => {
    marketplace.onCancel = refuse;
    await app.deliver(command());
    await app.perform();
    for (let run = 0; run < 5; run += 1) await afterPause();
    app.clock.advance(dayMs - 6 * 600_000 - 300_000);
    await afterPause();
    expect(await app.sent()).toMatchObject([failedFor(status)]);
    const died = (await job())!;
    expect(died).toMatchObject({ kind: 'cancel-subscription', state: 'dead' });
    marketplace.onCancel = () => marketplace.show({ status: 'Unsubscribed' });
    await agoOfCalls(600);
    await app.get(JobAdministration).retry(died.id, { ...operator, idempotencyKey: randomUUID() });
    await app.perform();
    await performLater();
    expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
    expect(await job()).toBeUndefined();
  });
});

it.each(['cancel-subscription', 'follow-cancellation'])('has failed when %s shows nothing within the limit (rule 10)', async (kind) => {
  marketplace.onCancel = () => undefined;
  await app.deliver(command());
  if (kind === 'follow-cancellation') await app.perform();
  expect(await app.jobs()).toMatchObject([{ kind }]);
  app.clock.advance(dayMs);
  await performLater();
  await performLater();
  expect(await app.sent()).toMatchObject([failedFor('within the limit')]);
  expect(await job()).toMatchObject({ kind: 'cancel-subscription', state: 'dead' });
});

it('has failed at once where Microsoft ends the operation without an effect (contract 3.9), and is sent again when it is ordered again', async () => {
  const operation = marketplace.operate({ id: randomUUID(), action: 'Unsubscribe', status: 'InProgress' });
  marketplace.onCancel = () => operation.id;
  await app.deliver(command());
  await app.perform();
  await performLater();
  marketplace.operations.set(operation.id, { ...operation, status: 'Failed' });
  await performLater();
  await app.perform();
  const sent = await app.sent();
  expect(sent.at(-1)).toMatchObject(failedFor('ended it without an effect'));
  expect(await job()).toMatchObject({ kind: 'cancel-subscription', state: 'dead' });
  marketplace.onCancel = () => marketplace.show({ status: 'Unsubscribed' });
  await app.deliver(command());
  await app.perform();
  await performLater();
  expect([marketplace.times('cancel'), await app.sent()]).toMatchObject([2, [observedAs('Unsubscribed')]]);
  expect(await job()).toBeUndefined();
});

it('is not held up by a dead job of the same subscription', async () => {
  marketplace.onActivate = () => {
    throw rejected('not now');
  };
  await app.deliver(incoming(activate({ subscriptionId: marketplace.subscription!.id, planId: 'silver', quantity: 10, version: 2 })));
  app.clock.advance(dayMs);
  await app.perform();
  expect(await job()).toMatchObject({ kind: 'activate-subscription', state: 'dead' });
  await app.sent();
  await app.deliver(command());
  await app.perform();
  await performLater();
  expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
});

describe('two copies of this service at once', () => {
  const twice = () => Promise.all([app.perform(), app.perform()]);

  it('send one DELETE', async () => {
    marketplace.takingMs = () => 50;
    await app.deliver(command());
    await twice();
    await twice();
    expect(marketplace.times('cancel')).toBe(1);
  });

  it('send one Activate', async () => {
    marketplace.takingMs = () => 50;
    await app.deliver(incoming(activate({ subscriptionId: marketplace.subscription!.id, planId: 'silver', quantity: 10, version: 2 })));
    await twice();
    await twice();
    expect(marketplace.times('activate')).toBe(1);
  });

  it('never cancel while an activation of the subscription is under way: both have its key', async () => {
    const calls: unknown[] = [];
    marketplace.takingMs = () => 50;
    marketplace.onActivate = () => {
      calls.push('activate');
      marketplace.show({ status: 'Subscribed' });
    };
    marketplace.onCancel = () => void calls.push('cancel');
    await app.deliver(
      incoming(activate({ subscriptionId: marketplace.subscription!.id, planId: 'silver', quantity: 10, version: 2 })),
      command(),
    );
    await twice();
    for (let run = 0; run < 4; run += 1) await performLater();
    expect(calls).toEqual(['activate']);
    expect(await app.sent()).toContainEqual(expect.objectContaining({ data: expect.objectContaining({ requestId }) as unknown }));
  });
});
