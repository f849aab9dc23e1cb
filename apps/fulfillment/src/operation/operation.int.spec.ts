import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DEFAULT_REGISTRATION, operationDecided, webhookAnswered, webhookReceived } from '@landfall/contracts';
import {
  MarketplaceAnswerUnreadable,
  MarketplaceForbidden,
  MarketplaceNotFound,
  MarketplaceThrottled,
  type Operation,
} from '@landfall/marketplace-client';
import { away, conflict, rejected } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { OperationWorker } from './operation.worker';

const { app, marketplace, incoming, performLater, failures, crash, age } = fulfillmentApp();

/** An open operation that was verified; `answered` and `decided` deliver what the others send about it. */
async function verified(differing: Partial<Operation> = {}) {
  const operation = marketplace.operate({ id: randomUUID(), ...differing });
  const { subscriptionId, action = '', source = null, planId = null, quantity = null } = operation;
  const about = { subscriptionId, operationId: operation.id, action };
  const now = new Date().toISOString();
  await app.deliver(
    incoming(
      webhookReceived({
        ...{
          ...about,
          deliveryId: randomUUID(),
          registration: DEFAULT_REGISTRATION,
          source,
          planId,
          quantity,
          timeStamp: now,
          isRevert: false,
          receivedAt: now,
        },
      }),
    ),
  );
  await app.sent();
  marketplace.calls.length = 0;
  return {
    operation,
    answered: () =>
      app.deliver(
        incoming(webhookAnswered({ ...about, registration: DEFAULT_REGISTRATION, status: 200, answeredAt: new Date().toISOString() })),
      ),
    decided: (verdict: 'accepted' | 'refused' = 'accepted') =>
      app.deliver(incoming(operationDecided({ ...about, registration: 'default', verdict, reason: null, version: 2 }))),
    shows: (status: string) => marketplace.operations.set(operation.id, { ...operation, status }),
  };
}

const settledAs = (settled: string, data: object = {}) => ({
  type: 'landfall.fulfillment.operation-settled.v1',
  data: { settled, ...data },
});

/** The receipt is so young, and the job so far off, that no time alone brings an acknowledgement, however slow the machine is. */
async function nothingIsDue(): Promise<void> {
  await age(-3_600_000);
  await app.query(`update fulfillment.job set run_at = run_at + interval '1 hour'`);
}

it.each(['decision', 'answer'])('acknowledges as soon as it is decided and answered: the %s first', async (first) => {
  const { answered, decided } = await verified();
  await nothingIsDue();
  await (first === 'decision' ? decided() : answered());
  expect(await app.perform()).toBe(0);
  await (first === 'decision' ? answered() : decided());
  expect(await app.perform()).toBe(1);
  expect(marketplace.calls).toEqual(['patchOperation Success', 'getOperation']); // it was seen open a moment ago, and its subscription read
  expect(await app.sent()).toMatchObject([settledAs('Succeeded', { read: null })]);
  expect(await app.jobs()).toEqual([]);
});

it('sends a refusal as Failure', async () => {
  const { answered, decided } = await verified();
  await decided('refused');
  await answered();
  await app.perform();
  expect(marketplace.calls).toContain('patchOperation Failure');
  await app.perform();
  expect(await app.sent()).toMatchObject([settledAs('Failed')]);
});

it('acknowledges seven seconds after the webhook although nobody saw our answer leave', async () => {
  const { decided } = await verified();
  await decided('refused');
  await age(6_000);
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(0);
  await age(1_000);
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(1);
});

it('sends nothing while nobody has decided, and follows what Microsoft makes of it', async () => {
  const { shows, answered } = await verified();
  await answered();
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(0);
  shows('Succeeded'); // the ten seconds are over
  marketplace.show({ planId: 'gold' });
  await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded')]);
});

it('never acknowledges our own request (pitfall 20)', async () => {
  const { shows, answered, decided } = await verified({ source: 'Partner' });
  await decided();
  await answered();
  await performLater();
  shows('Failed');
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(0);
  expect(await app.sent()).toMatchObject([settledAs('Failed')]);
});

it('takes 409 on PATCH for ended, and reads how (rule 9, pitfall 18)', async () => {
  const { shows, answered, decided } = await verified();
  await decided();
  await answered();
  marketplace.onPatch = () => {
    shows('Conflict');
    throw conflict();
  };
  await app.perform();
  await app.perform();
  expect(await app.sent()).toMatchObject([settledAs('Conflict')]);
  expect(marketplace.times('patchOperation')).toBe(1);
});

it.each([
  ['500', () => away(500)],
  ['404', () => new MarketplaceNotFound('Microsoft answered 404', { status: 404 })],
  ['403', () => new MarketplaceForbidden('Microsoft answered 403', { status: 403 })],
  ['no answer', () => away(null)],
])('takes %s on PATCH for unknown: reads the operation, and sends it again while that is open (rule 9)', async (_answer, unknown) => {
  const { shows, answered, decided } = await verified();
  await decided('refused');
  await answered();
  marketplace.onPatch = () => {
    throw unknown();
  };
  await app.perform();
  await performLater();
  expect(marketplace.calls).toEqual(['patchOperation Failure', 'getOperation', 'patchOperation Failure']);
  shows('Failed');
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(2);
  expect(await app.sent()).toMatchObject([settledAs('Failed')]);
});

it('waits with PATCH as long as Microsoft asks for, and sends it after the ten seconds where none was taken before', async () => {
  const { shows, answered, decided } = await verified();
  await decided();
  await answered();
  marketplace.failing = (call) => {
    if (call === 'patchOperation') throw new MarketplaceThrottled('Microsoft answered 429', { status: 429, retryAfterMs: 30_000 });
  };
  await app.perform();
  app.clock.advance(29_000);
  expect(await app.perform()).toBe(0);
  marketplace.failing = () => undefined;
  marketplace.onPatch = () => shows('Succeeded');
  await age(29_000);
  await performLater();
  expect(marketplace.times('patchOperation')).toBe(2);
});

it('sends a change no more once ten seconds are over, and a reinstatement until it ends (rule 9)', async () => {
  const change = await verified();
  const reinstatement = await verified({ action: 'Reinstate' });
  marketplace.onPatch = () => {
    throw away(500);
  };
  for (const { decided, answered } of [change, reinstatement]) {
    await decided();
    await answered();
  }
  await app.perform();
  expect(marketplace.times('patchOperation')).toBe(2);
  await age(10_000);
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(marketplace.times('patchOperation')).toBe(2 + 3);
});

it('follows a reinstatement until it ends, whatever the subscription shows meanwhile (rule 7)', async () => {
  marketplace.show({ status: 'Suspended' });
  const { shows, answered, decided } = await verified({ action: 'Reinstate' });
  await decided();
  await answered();
  marketplace.onPatch = () => shows('Succeeded');
  await app.perform();
  await app.perform();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded', { read: { snapshot: { status: 'Suspended' } } })]);
  expect(marketplace.times('patchOperation')).toBe(1);
});

it('publishes a change that Microsoft calls Succeeded while the subscription lags: what that means is decided elsewhere (rule 4)', async () => {
  const { shows } = await verified({ source: 'Partner' });
  shows('Succeeded');
  await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded', { read: { snapshot: { planId: 'silver' } } })]);
});

it('reads the subscription beside a decided operation only once that is older, and publishes what differs', async () => {
  const { decided } = await verified({ source: 'Partner' });
  await decided();
  await performLater();
  expect(marketplace.calls).toEqual(['getOperation']);
  await age(10_000);
  marketplace.show({ status: 'Suspended' });
  await performLater();
  await performLater();
  expect(await app.sent()).toMatchObject([
    { type: 'landfall.fulfillment.subscription-observed.v1', data: { occasion: 'webhook', read: { snapshot: { status: 'Suspended' } } } },
  ]);
});

it('reads before it acts after a crash, and publishes the end once', async () => {
  const { answered, decided } = await verified();
  await decided();
  await answered();
  await crash((job) => app.get(OperationWorker).follow(job));
  await app.perform();
  await app.perform();
  expect(marketplace.times('patchOperation')).toBe(1);
  expect(await app.sent()).toMatchObject([settledAs('Succeeded')]);
});

it('waits while Microsoft is away, without counting it as a failure', async () => {
  const { answered, decided } = await verified();
  await decided();
  await answered();
  marketplace.failing = () => {
    throw away();
  };
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(await failures()).toEqual([{ state: 'ready', failures: 0 }]);
  marketplace.failing = () => undefined;
  for (let run = 0; run < 2; run += 1) await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded')]);
});

it.each([
  ['a refusal to let us in', () => new MarketplaceForbidden('Microsoft answered 403', { status: 403 })],
  ['a page of some proxy', () => new MarketplaceAnswerUnreadable('(body)', 'is not JSON')],
  ['an undocumented 400', () => rejected('try later')],
])('ends an operation with its end also when the subscription gets %s', async (_case, answer) => {
  const { shows } = await verified();
  marketplace.failing = (call) => {
    if (call === 'getSubscription') throw answer();
  };
  shows('Succeeded');
  for (let run = 0; run < 2; run += 1) await performLater();
  expect(await app.sent()).toMatchObject([settledAs('Succeeded', { read: null })]);
});

describe('an operation that Microsoft shows no end of', () => {
  const alarm = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
  beforeEach(() => alarm.mockClear());
  afterAll(() => alarm.mockRestore());

  it('has Vanished when it is not shown any more for 15 s; somebody is told, and nothing waits for it', async () => {
    const { operation, shows } = await verified();
    marketplace.operations.delete(operation.id);
    await performLater();
    await age(14_000);
    await performLater();
    expect(await app.sent()).toEqual([]);
    shows('InProgress'); // a copy lagged: the time begins anew
    await performLater();
    marketplace.operations.delete(operation.id);
    await performLater();
    await age(15_000);
    expect(alarm).not.toHaveBeenCalled();
    await performLater();
    expect(await app.sent()).toMatchObject([settledAs('Vanished', { seenOpenAt: expect.any(String) })]);
    expect(alarm).toHaveBeenCalledWith(expect.objectContaining({ outcome: 'Vanished' }), expect.stringContaining('not show'));
    expect(await app.jobs()).toEqual([]);
  });

  it('is Stuck when it stays open for ten minutes', async () => {
    await verified();
    await age(600_000);
    await performLater();
    expect(await app.sent()).toMatchObject([settledAs('Stuck', { read: { snapshot: { planId: 'silver' } } })]);
    expect(alarm).toHaveBeenCalledWith(expect.objectContaining({ outcome: 'Stuck' }), expect.stringContaining('stays open'));
    expect(await app.jobs()).toEqual([]);
  });
});
