import { randomUUID } from 'node:crypto';
import { activate, changeSubscription, type RequestedAction } from '@landfall/contracts';
import { MarketplaceForbidden } from '@landfall/marketplace-client';
import { config } from '../fulfillment.config';
import { away, conflict, rejected } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { ChangeWorker } from './change.worker';

const { app, marketplace, incoming, performLater, failures, crash } = fulfillmentApp();

const requestId = randomUUID();
const targets = { ChangePlan: { planId: 'gold' }, ChangeQuantity: { quantity: 12 }, Unsubscribe: {} };
const command = (action: RequestedAction = 'ChangePlan', id = requestId) =>
  incoming(
    changeSubscription({
      ...{ subscriptionId: marketplace.subscription!.id, requestId: id, action, planId: null, quantity: null, version: 5 },
      ...targets[action],
    }),
  );
const announced = { type: 'landfall.fulfillment.operation-announced.v1', data: { requestId, source: 'Partner' } };
const failedFor = (outcome: string, reason: string) => ({
  type: 'landfall.fulfillment.change-failed.v1',
  data: { requestId, outcome, reason: expect.stringContaining(reason) },
});
const changes = () => marketplace.times('changePlan') + marketplace.times('changeQuantity') + marketplace.times('cancel');
const agoOfCalls = (seconds: number) =>
  app.query(`update fulfillment.calls set started_at = started_at - make_interval(secs => $1) where method in ('PATCH', 'DELETE')`, [
    seconds,
  ]);
const kinds = async () => (await app.jobs()).map(({ kind }) => kind);
const crashedRun = () => crash((job) => app.get(ChangeWorker).ask(job));
const hourMs = 3_600_000;
/** The answers of the ledger are written a moment after the call: a refusal has to be there before the next run. */
const refusedInLedger = (status: number) =>
  app.query(`update fulfillment.calls set status = $1 where method in ('PATCH', 'DELETE') and status is null`, [status]);

it.each(['ChangePlan', 'ChangeQuantity', 'Unsubscribe'] as const)(
  'asks for a %s once, and tells the operation that the answer names at once: 202 is not done (rule 9, pitfall 16)',
  async (action) => {
    marketplace.onCancel = () => marketplace.operate({ id: randomUUID(), action: 'Unsubscribe', status: 'NotStarted' }).id;
    const message = command(action);
    await app.deliver(message, message, command(action));
    await app.perform();
    const [operation] = marketplace.operations.values();
    expect(changes()).toBe(1);
    const sent = await app.sent();
    expect(sent.filter(({ type }) => type === announced.type)).toMatchObject([
      { data: { requestId, source: 'Partner', operationId: operation!.id, action, ...targets[action] } },
    ]);
    expect(sent.map(({ type }) => type)).not.toContain('landfall.fulfillment.operation-settled.v1');
    expect(await kinds()).toEqual(['follow-operation']);
  },
);

it('follows the operation to its end by itself, with Microsoft’s reason, where no webhook comes (pitfall 21)', async () => {
  marketplace.onCancel = () => marketplace.operate({ id: randomUUID(), action: 'Unsubscribe', status: 'NotStarted' }).id;
  await app.deliver(command('Unsubscribe'));
  await app.perform();
  await performLater();
  await app.sent();
  const [operation] = marketplace.operations.values();
  marketplace.operations.set(operation!.id, { ...operation!, status: 'Failed', errorCode: '400', errorMessage: 'Not in this term.' });
  await performLater();
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.fulfillment.operation-settled.v1',
      data: { action: 'Unsubscribe', settled: 'Failed', failure: { code: '400', message: 'Not in this term.' } },
    },
  ]);
  expect(await app.jobs()).toEqual([]);
});

it('announces the call in the ledger before it is made', async () => {
  let inLedger: unknown;
  marketplace.failing = async (call) => {
    if (call === 'changePlan') inLedger = await app.query(`select status from fulfillment.calls where method = 'PATCH'`);
  };
  await app.query('delete from fulfillment.calls');
  await app.deliver(command());
  await app.perform();
  expect(inLedger).toEqual([{ status: null }]);
});

it('asks for nothing of a subscription that has ended: what it shows is the end (rule 3)', async () => {
  marketplace.show({ status: 'Unsubscribed' });
  await app.deliver(command());
  await app.perform();
  expect([changes(), await app.jobs()]).toEqual([0, []]);
  expect(await app.sent()).toMatchObject([{ data: { occasion: 'found', read: { snapshot: { status: 'Unsubscribed' } } } }]);
});

it('waits for an operation that is open, without a call, and is asked for when that has ended (pitfall 22)', async () => {
  const lock = marketplace.operate({ id: randomUUID(), action: 'ChangeQuantity', status: 'InProgress', quantity: 3 });
  await app.deliver(command('Unsubscribe'));
  await app.perform();
  await performLater();
  expect([changes(), await kinds()]).toEqual([0, ['ask-for-change']]);
  marketplace.operations.set(lock.id, { ...lock, status: 'Succeeded' });
  await performLater();
  expect(changes()).toBe(1);
});

it('is asked for again when Microsoft’s lock, which nothing showed, is over (pitfall 22)', async () => {
  marketplace.onCancel = () => {
    throw conflict();
  };
  await app.deliver(command('Unsubscribe'));
  for (let run = 0; run < 3; run += 1) {
    await performLater();
    await refusedInLedger(409);
  }
  expect([changes(), await app.sent()]).toEqual([3, []]);
  marketplace.onCancel = () => marketplace.operate({ id: randomUUID(), action: 'Unsubscribe', status: 'NotStarted' }).id;
  await performLater();
  expect((await app.sent())[0]).toMatchObject(announced);
});

it('has failed with Microsoft’s words and code where it refuses twice, and holds nothing up', async () => {
  marketplace.onChange = () => {
    throw rejected('the plan is not available');
  };
  await app.deliver(command());
  await app.perform();
  await refusedInLedger(400);
  expect(await app.sent()).toEqual([]);
  await performLater();
  expect(await app.sent()).toMatchObject([{ ...failedFor('failed', 'the plan is not available'), data: { code: 'BadArgument' } }]);
  expect(await app.jobs()).toEqual([]);
});

const lockedByAnother = () => {
  marketplace.operate({ id: randomUUID(), action: 'ChangeQuantity', quantity: 3, status: 'InProgress' });
};
const notAnswering = () => {
  marketplace.failing = () => {
    throw away();
  };
};
const notLettingIn = () => {
  marketplace.failing = () => {
    throw new MarketplaceForbidden('Microsoft answered 403', {
      status: 403,
      microsoft: { code: 'Forbidden', message: null, target: null },
    });
  };
};
const wiped = () => {
  marketplace.subscription = null;
};
it.each([
  ['locked it', 'locked by an open ChangeQuantity', null, lockedByAnother],
  ['was away', 'could not be asked for within the limit: Microsoft is away', null, notAnswering],
  ['did not let us in', 'Microsoft answered 403', 'Forbidden', notLettingIn],
  ['did not know it', 'Microsoft answered 404', null, wiped],
] as const)('has failed at the limit, and says why, where Microsoft %s all the time (rule 10)', async (_what, reason, code, hinder) => {
  const message = command();
  hinder();
  await app.deliver(message);
  await app.perform();
  expect(await failures()).toMatchObject([{ state: 'ready' }]);
  app.clock.advance(hourMs);
  await performLater();
  const failed = failedFor('failed', reason);
  expect([changes(), await app.sent(), await app.jobs()]).toMatchObject([0, [{ ...failed, data: { ...failed.data, code } }], []]);
});

it('waits for a copy of Microsoft’s that is younger than itself before it finds the subscription to have it already', async () => {
  marketplace.show({ planId: 'gold' });
  await app.deliver(command());
  await app.perform();
  await performLater();
  expect([await app.sent(), await kinds()]).toEqual([[], ['ask-for-change']]);
  app.clock.advance(config.values.COPY_LAG);
  await performLater();
  expect(await app.sent()).toMatchObject([{ data: { occasion: 'found' } }, failedFor('failed', 'has it already')]);
  expect(changes()).toBe(0);
});

describe('a call whose answer was lost (rule 9)', () => {
  it('is found by the operation that it began, and not made again', async () => {
    await app.deliver(command());
    await crashedRun();
    await performLater();
    expect(changes()).toBe(1);
    const [operation] = marketplace.operations.values();
    expect((await app.sent())[0]).toMatchObject({ ...announced, data: { requestId, operationId: operation!.id } });
  });

  it('is made again where nothing shows of it, and never before it had time to', async () => {
    marketplace.failing = (call) => {
      if (call === 'changePlan') throw away(500);
    };
    await app.deliver(command());
    await app.perform();
    await refusedInLedger(500);
    marketplace.failing = () => undefined;
    await performLater();
    expect(changes()).toBe(1);
    await agoOfCalls(21);
    await performLater();
    expect(changes()).toBe(2);
    expect((await app.sent())[0]).toMatchObject(announced);
  });

  it('is handed on where its effect shows and its operation does not: first what is shown, then that nobody named it', async () => {
    marketplace.onChange = () => marketplace.show({ planId: 'gold' });
    await app.deliver(command());
    await crashedRun();
    await agoOfCalls(21);
    await performLater();
    expect(changes()).toBe(1);
    expect(await app.sent()).toMatchObject([{ data: { occasion: 'request' } }, failedFor('unconfirmed', 'never named')]);
    expect(await app.jobs()).toEqual([]);
  });

  it('is unconfirmed at the limit', async () => {
    marketplace.onChange = () => null;
    await app.deliver(command());
    await app.perform();
    await agoOfCalls(3_600);
    app.clock.advance(hourMs);
    await performLater();
    expect(await app.sent()).toMatchObject([failedFor('unconfirmed', 'may have received it')]);
  });
});

it('asks for a cancellation while a change of ours waits, since that is Microsoft’s to lock', async () => {
  marketplace.onChange = () => {
    throw rejected('not now');
  };
  marketplace.onCancel = () => marketplace.operate({ id: randomUUID(), action: 'Unsubscribe', status: 'NotStarted' }).id;
  await app.deliver(command());
  await app.perform();
  await app.deliver(command('Unsubscribe', randomUUID()));
  await app.perform();
  expect([marketplace.times('changePlan'), marketplace.times('cancel')]).toEqual([1, 1]);
});

it('is held up by no dead job of its subscription', async () => {
  marketplace.show({ status: 'PendingFulfillmentStart' });
  marketplace.onActivate = () => {
    throw rejected('not now');
  };
  await app.deliver(incoming(activate({ subscriptionId: marketplace.subscription!.id, planId: 'silver', quantity: 10, version: 2 })));
  app.clock.advance(24 * hourMs);
  await app.perform();
  marketplace.show({ status: 'Subscribed' });
  await app.deliver(command());
  await app.perform();
  expect(changes()).toBe(1);
});
