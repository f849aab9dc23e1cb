import { randomUUID } from 'node:crypto';
import { DEFAULT_REGISTRATION, webhookAnswered, webhookReceived, webhookUnreadable, type DataOf } from '@landfall/contracts';
import { register } from 'prom-client';
import { config } from '../fulfillment.config';
import { away } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { operationKey } from './operation';

const { app, marketplace, incoming, performLater, failures, age } = fulfillmentApp();

const now = () => new Date().toISOString();

/** A subscription of its own for each test, so that nothing of another is in the way. */
function webhook(differing: Partial<DataOf<typeof webhookReceived>> = {}) {
  const data = {
    ...{ deliveryId: randomUUID(), subscriptionId: marketplace.subscription!.id, operationId: randomUUID(), action: 'ChangePlan' },
    ...{
      registration: DEFAULT_REGISTRATION,
      source: 'Azure',
      planId: 'gold',
      quantity: 10,
      timeStamp: now(),
      isRevert: false,
      receivedAt: now(),
    },
    ...differing,
  };
  return { data, message: incoming(webhookReceived(data)) };
}

function unreadable(differing: Partial<DataOf<typeof webhookUnreadable>> = {}) {
  const data = {
    ...{ deliveryId: randomUUID(), subscriptionId: marketplace.subscription!.id, action: 'ChangeQuantity', source: 'Azure' },
    ...{ registration: DEFAULT_REGISTRATION, planId: 'silver', quantity: 12, timeStamp: now(), isRevert: false, receivedAt: now() },
    ...differing,
  };
  return { data, message: incoming(webhookUnreadable(data)) };
}

const event = (name: string, data: object = {}) => ({ type: `landfall.fulfillment.${name}.v1`, data });
const lastLook = () => age(config.values.COPY_LAG);
const blocked = (...keys: string[]) =>
  app.query('select key from fulfillment.blocked_key where key like any($1)', [keys.map((key) => `${key}%`)]);

it('publishes once that Microsoft confirms an operation, however often Kafka delivers the message', async () => {
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  await app.deliver(message);
  await app.deliver(message);
  await app.deliver(webhook(data).message); // the same operation, delivered by Microsoft once more
  expect(await app.sent()).toMatchObject([
    {
      ...event('operation-verified', { operationId: data.operationId, planId: 'gold', operationStatus: 'InProgress' }),
      correlationId: message.correlationId,
    },
  ]);
  expect(await app.jobs()).toMatchObject([{ kind: 'follow-operation', key: `operation:${operationKey(data)}` }]);
});

it('asks both questions at the same time, once each, within a second', async () => {
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  await app.deliver(message);
  expect(marketplace.calls.toSorted()).toEqual(['getOperation', 'getSubscription']);
  expect(marketplace.contexts).toMatchObject([
    { attempts: 1, timeoutMs: expect.any(Number), correlationId: message.correlationId },
    { attempts: 1, timeoutMs: expect.any(Number) },
  ]);
  expect(Math.max(...marketplace.contexts.map(({ timeoutMs }) => timeoutMs!))).toBeLessThanOrEqual(800); // with what is looked up before the calls
});

it('numbers its reads in the order in which they began, and dates them by Microsoft’s clock', async () => {
  const { message } = webhook({ action: 'Transfer' });
  await app.deliver(message);
  marketplace.show({ planId: 'gold' });
  await performLater();
  const [, first, second] = (await app.sent()) as { data: { read: { readNo: number; date: string } } }[];
  expect(first!.data.read.readNo).toBeGreaterThan(1e12); // the epoch leads
  expect(second!.data.read.readNo).toBeGreaterThan(first!.data.read.readNo);
  expect(second!.data.read.date >= first!.data.read.date).toBe(true);
});

it('goes on by its own job with an operation that Microsoft does not show yet, and holds up nothing (rule 5, pitfall 18)', async () => {
  const { data, message } = webhook();
  const other = webhook();
  marketplace.operate({ id: other.data.operationId });
  await app.deliver(message, other.message);
  expect(await app.sent()).toMatchObject([
    event('operation-announced', { operationId: data.operationId, planId: 'gold', timeStamp: data.timeStamp }),
    event('subscription-observed', { occasion: 'webhook' }),
    event('operation-verified', { operationId: other.data.operationId }),
  ]);
  expect(await blocked(data.subscriptionId)).toEqual([]);
  marketplace.operate({ id: data.operationId });
  await performLater();
  expect(await app.sent()).toMatchObject([event('operation-verified', { operationId: data.operationId })]);
});

it('lets a Reinstate whose operation is never shown be what the subscription shows, and a change behind it be answered (rule 5)', async () => {
  marketplace.show({ status: 'Subscribed' });
  const reinstate = webhook({ action: 'Reinstate', planId: 'silver' });
  marketplace.operate({ id: reinstate.data.operationId, action: 'Reinstate' });
  marketplace.hidden.add(reinstate.data.operationId);
  const change = webhook({ action: 'ChangeQuantity', quantity: 12 });
  marketplace.operate({ id: change.data.operationId, action: 'ChangeQuantity', quantity: 12 });
  await app.deliver(reinstate.message, change.message);
  expect(await app.sent()).toMatchObject([
    event('operation-announced', { action: 'Reinstate' }),
    event('subscription-observed', { read: { snapshot: { status: 'Subscribed' } } }),
    event('operation-verified', { action: 'ChangeQuantity', quantity: 12, operationStatus: 'InProgress' }),
  ]);
  await lastLook();
  await performLater();
  expect(await app.sent()).toMatchObject([
    event('operation-settled', { action: 'Reinstate', settled: 'Invisible', read: { snapshot: { status: 'Subscribed' } } }),
  ]);
  expect(await register.metrics()).toMatch(/^marketplace_unended_operations_total{[^}]*settled="Invisible"[^}]*} [1-9]/m);
});

it('looks anew at a change that was given up when Microsoft has our answer only then: it may decide ten seconds later (contract 4.5)', async () => {
  const { data, message } = webhook();
  await app.deliver(message);
  await lastLook();
  await performLater();
  expect((await app.sent()).at(-1)).toMatchObject(event('operation-settled', { settled: 'Invisible' }));
  await app.deliver(incoming(webhookAnswered({ ...data, status: 200, answeredAt: now() })));
  await app.perform();
  marketplace.show({ planId: 'gold' }); // still not shown, and done all the same
  await performLater();
  expect((await app.sent()).at(-1)).toMatchObject(event('subscription-observed', { read: { snapshot: { planId: 'gold' } } }));
  await lastLook();
  await performLater();
  expect(await app.sent()).toMatchObject([event('operation-settled', { settled: 'Invisible' })]);
  expect(await app.jobs()).toEqual([]);
});

it('asks Microsoft once more for a replay, whatever is known of the operation, and publishes what the subscription shows', async () => {
  const { data, message } = webhook();
  const { id } = marketplace.operate({ id: data.operationId });
  await app.deliver(message);
  marketplace.operations.set(id, { ...marketplace.operations.get(id)!, status: 'Succeeded' });
  await performLater();
  expect((await app.sent()).at(-1)).toMatchObject(event('operation-settled', { settled: 'Succeeded' }));
  marketplace.show({ planId: 'platinum' });
  await app.deliver(webhook({ ...data, isReplay: true }).message);
  expect(await app.sent()).toMatchObject([event('subscription-observed', { read: { snapshot: { planId: 'platinum' } } })]);
  expect(await app.jobs()).toEqual([]);
});

it('holds back nothing with an old Suspend that is sent again under an unknown id', async () => {
  const old = webhook({ action: 'Suspend' });
  const change = webhook();
  marketplace.operate({ id: change.data.operationId });
  await app.deliver(old.message, change.message, incoming(webhookAnswered({ ...change.data, status: 200, answeredAt: now() })));
  expect(await app.sent()).toMatchObject([
    event('operation-announced', { action: 'Suspend' }),
    event('subscription-observed', { read: { snapshot: { status: 'Subscribed' } } }),
    event('operation-verified', { action: 'ChangePlan' }),
  ]);
  expect(
    await app.query('select answered_at is not null as answered from fulfillment.operations where operation_id = $1', [
      change.data.operationId,
    ]),
  ).toEqual([{ answered: true }]);
});

it('counts a payload that says otherwise than Microsoft shows, and lets what Microsoft shows count (rule 1)', async () => {
  const counted = async () =>
    (await register.getSingleMetric('marketplace_payload_disagreements_total')!.get()).values.filter(({ value }) => value > 0);
  const { data, message } = webhook({ action: 'ChangeQuantity', quantity: 77 });
  marketplace.operate({ id: data.operationId, action: 'ChangeQuantity', quantity: 12 });
  await app.deliver(message);
  expect(await app.sent()).toMatchObject([event('operation-verified', { quantity: 12 })]);
  expect(await counted()).toMatchObject([{ labels: { about: 'target' }, value: 1 }]);
});

it.each([
  ['away', () => (marketplace.failing = () => { throw away(); })], // prettier-ignore
  ['slow', () => (marketplace.takingMs = () => 5_000)],
])('takes an operation up although Microsoft is %s: nothing fails, and it is asked again', async (_how, be) => {
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  be();
  await app.deliver(message);
  expect(await app.sent()).toMatchObject([event('operation-announced')]);
  await performLater();
  await performLater();
  expect(await failures()).toEqual([{ state: 'ready', failures: 0 }]);
  expect(await blocked(data.subscriptionId)).toEqual([]);
  marketplace.failing = () => undefined;
  marketplace.takingMs = () => 0;
  await performLater();
  expect(await app.sent()).toMatchObject([event('operation-verified')]);
});

it('says nothing of a status that nobody knows, and counts it', async () => {
  const counted = async () =>
    (await register.getSingleMetric('marketplace_unknown_words_total')!.get()).values.filter(({ value }) => value > 0);
  const { data, message } = webhook();
  marketplace.operate({ id: data.operationId });
  marketplace.show({ status: 'Frozen' });
  await app.deliver(message);
  const [verified] = (await app.sent()) as { data: { read: { snapshot: object } } }[];
  expect(verified!.data.read.snapshot).toMatchObject({ planId: 'silver' });
  expect(Object.keys(verified!.data.read.snapshot)).not.toContain('status');
  expect(await counted()).toMatchObject([{ labels: { place: 'subscription status' }, value: 1 }]);
});

it('takes no notice of an operation of another action under the same id, and tells it', async () => {
  const { data, message } = webhook({ action: 'Suspend' });
  marketplace.operate({ id: data.operationId });
  await app.deliver(message);
  expect(await app.sent()).toMatchObject([event('operation-announced', { action: 'Suspend' }), event('subscription-observed')]);
});

it('follows two actions under one id apart: one that is never shown does not hold up the other (rule 4)', async () => {
  const suspend = webhook({ action: 'Suspend' });
  marketplace.operate({ id: suspend.data.operationId, action: 'ChangeQuantity', quantity: 12 });
  await app.deliver(suspend.message);
  await app.deliver(webhook({ ...suspend.data, action: 'ChangeQuantity', quantity: 12 }).message);
  await app.sent();
  marketplace.operations.set(suspend.data.operationId, { ...marketplace.operations.get(suspend.data.operationId)!, status: 'Succeeded' });
  await performLater();
  expect(await app.sent()).toMatchObject([event('operation-settled', { action: 'ChangeQuantity', settled: 'Succeeded' })]);
});

describe('a webhook without an operation that could be asked for', () => {
  it('has the change followed that is outstanding, as if its webhook had come', async () => {
    const { message } = unreadable();
    const { id, timeStamp } = marketplace.operate({ id: randomUUID(), action: 'ChangeQuantity', quantity: 12 });
    await app.deliver(message);
    expect(await app.sent()).toMatchObject([event('subscription-observed')]);
    await app.perform();
    expect(await app.sent()).toMatchObject([
      event('operation-verified', { operationId: id, action: 'ChangeQuantity', quantity: 12, timeStamp }),
    ]);
    marketplace.operations.set(id, { ...marketplace.operations.get(id)!, status: 'Succeeded' });
    marketplace.show({ quantity: 12 });
    await performLater();
    expect(await app.sent()).toMatchObject([
      event('operation-settled', { operationId: id, settled: 'Succeeded', read: { snapshot: { quantity: 12 } } }),
    ]);
    expect(await app.jobs()).toEqual([]);
  });

  it('has the change taken up again that is outstanding, and was given up', async () => {
    const { data, message } = webhook();
    await app.deliver(message);
    await lastLook();
    await performLater();
    expect((await app.sent()).at(-1)).toMatchObject(event('operation-settled', { settled: 'Invisible' }));
    marketplace.operate({ id: data.operationId });
    await app.deliver(unreadable().message);
    await app.perform();
    expect((await app.sent()).at(-1)).toMatchObject(event('operation-verified', { operationId: data.operationId }));
  });

  it('is searched for until the last look where nothing is outstanding, under the id of its delivery', async () => {
    const { data, message } = unreadable({ action: 'Reinstate' });
    await app.deliver(message);
    expect(await app.sent()).toMatchObject([
      event('operation-announced', { operationId: data.deliveryId, action: 'Reinstate', timeStamp: data.timeStamp }),
      event('subscription-observed'),
    ]);
    marketplace.show({ status: 'Suspended' });
    await performLater();
    expect(await app.sent()).toMatchObject([event('subscription-observed', { read: { snapshot: { status: 'Suspended' } } })]);
    await lastLook();
    await performLater();
    expect(await app.sent()).toMatchObject([event('operation-settled', { operationId: data.deliveryId, settled: 'Invisible' })]);
    expect(marketplace.times('getOperation')).toBe(0);
  });

  it('finds one that becomes visible later', async () => {
    const { data, message } = unreadable();
    await app.deliver(message);
    await app.sent();
    const { id } = marketplace.operate({ id: randomUUID(), action: 'ChangeQuantity', quantity: 12 });
    await performLater();
    await performLater();
    expect(await app.sent()).toMatchObject([
      event('operation-settled', { operationId: data.deliveryId, settled: 'Invisible' }),
      event('operation-verified', { operationId: id }),
    ]);
  });

  it('does not follow a second time what its own webhook announced', async () => {
    const { data, message } = webhook({ action: 'ChangeQuantity', quantity: 12 });
    marketplace.operate({ id: data.operationId, action: 'ChangeQuantity', quantity: 12 });
    await app.deliver(message, unreadable().message);
    await performLater();
    const types = ((await app.sent()) as { type: string }[]).map(({ type }) => type);
    expect(types.filter((type) => type.includes('operation-'))).toEqual(['landfall.fulfillment.operation-verified.v1']);
    expect(await app.jobs()).toMatchObject([{ key: `operation:${operationKey(data)}` }]);
  });
});
