import { randomUUID } from 'node:crypto';
import {
  activate,
  cancelSubscription,
  changeSubscription,
  DEFAULT_REGISTRATION,
  readSubscription,
  webhookReceived,
  type DataOf,
} from '@landfall/contracts';
import { register } from 'prom-client';
import { rejected } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';

const { app, marketplace, incoming, performLater } = fulfillmentApp();
const dayMs = 24 * 3_600_000;

const subscriptionId = () => marketplace.subscription!.id;
const activation = () => incoming(activate({ subscriptionId: subscriptionId(), planId: 'silver', quantity: 10, version: 2 }));
const cancellation = () => incoming(cancelSubscription({ subscriptionId: subscriptionId(), requestId: randomUUID(), version: 3 }));
const kinds = async () => (await app.jobs()).map(({ kind }) => kind).sort();
const deadAge = async () => {
  const line = (await register.metrics()).split('\n').find((one) => one.startsWith('queue_oldest_age_seconds{') && one.includes('jobDead'));
  return Number(line!.split(' ').at(-1));
};

/** Microsoft refuses both for a day, so that they are dead. */
beforeEach(async () => {
  marketplace.show({ status: 'PendingFulfillmentStart', term: undefined });
  const refuse = () => {
    throw rejected('not now');
  };
  [marketplace.onActivate, marketplace.onCancel] = [refuse, refuse];
  await app.deliver(activation(), cancellation());
  app.clock.advance(dayMs);
  await performLater();
  await performLater();
  expect(await app.query('select kind, state from fulfillment.job order by kind')).toEqual([
    { kind: 'activate-subscription', state: 'dead' },
    { kind: 'cancel-subscription', state: 'dead' },
  ]);
  await app.query(`update fulfillment.job set created_at = now() - interval '1 hour'`);
  expect(await deadAge()).toBeGreaterThan(3000);
  await app.sent();
});

const ordered = () =>
  incoming(readSubscription({ subscriptionId: subscriptionId(), order: 3, afterMs: 0, members: ['status'], closes: [] }));
const webhook = (action: string) =>
  incoming(
    webhookReceived({
      ...{
        deliveryId: randomUUID(),
        registration: DEFAULT_REGISTRATION,
        subscriptionId: subscriptionId(),
        operationId: randomUUID(),
        action,
      },
      ...{ source: 'Azure', planId: 'gold', quantity: 10, timeStamp: new Date().toISOString(), isRevert: false },
      receivedAt: new Date().toISOString(),
    }),
  );

describe.each(['Subscribed', 'Suspended', 'Unsubscribed'])(
  'what has failed for a pending purchase, once Microsoft shows it as %s',
  (status) => {
    it.each([
      ['an ordered read', ordered],
      ['a look at an operation', () => webhook('ChangePlan')],
      ['a new activation', activation],
      ['a new cancellation', cancellation],
    ])('ends with %s: no alarm is left, and nothing is sent to Microsoft', async (_title, message) => {
      marketplace.show({ status });
      const calls = () => marketplace.times('activate') + marketplace.times('cancel');
      const before = calls();
      await app.deliver(message());
      await app.perform();
      await app.perform();
      expect((await kinds()).filter((kind) => kind !== 'follow-operation')).toEqual([]);
      expect([await deadAge(), calls()]).toEqual([0, before]);
    });
  },
);

it('ends requests that could not be performed, and looks at operations that could not be made, with the end of their subscription, and not before (rule 3)', async () => {
  await app.query('delete from fulfillment.job');
  const request = (requested: Pick<DataOf<typeof changeSubscription>, 'action' | 'planId'>) =>
    incoming(changeSubscription({ subscriptionId: subscriptionId(), requestId: randomUUID(), quantity: null, version: 4, ...requested }));
  await app.deliver(request({ action: 'ChangePlan', planId: 'gold' }), request({ action: 'Unsubscribe', planId: null }));
  await app.deliver(webhook('Suspend')); // which Microsoft does not show yet
  await app.query(`update fulfillment.job set payload = payload::jsonb || '{"action":7}', run_at = now() - interval '1 s'`); // as another version stored it
  await app.perform();
  const [dead, deadLook] = ['ask-for-change', 'follow-operation'].map((kind) => ({ kind, state: 'dead' }));
  const leftWhenShownAs = async (status: 'Suspended' | 'Unsubscribed') => {
    marketplace.show({ status });
    await app.deliver(ordered());
    await app.perform();
    return app.query('select kind, state from fulfillment.job order by kind');
  };
  expect([await leftWhenShownAs('Suspended'), await leftWhenShownAs('Unsubscribed')]).toEqual([[dead, dead, deadLook], []]);
});

it.each(['PendingFulfillmentStart', 'NotStarted'])(
  'stays dead while Microsoft shows it as %s, and so it does where the status is left out',
  async (status) => {
    for (const shown of [status, undefined]) {
      marketplace.show({ status: shown } as never);
      await app.deliver(ordered(), webhook('ChangePlan'));
      await app.perform();
      expect(await kinds()).toEqual(expect.arrayContaining(['activate-subscription', 'cancel-subscription']));
    }
  },
);
