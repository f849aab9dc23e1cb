import { randomUUID } from 'node:crypto';
import { activate, type DataOf } from '@landfall/contracts';
import { MarketplaceForbidden, MarketplaceNotFound } from '@landfall/marketplace-client';
import { JobAdministration } from '@landfall/messaging';
import { away, rejected, unreachable } from '../testing/fake.marketplace';
import { fulfillmentApp } from '../testing/fulfillment.app';
import { ActivationWorker } from './activation.worker';

const { app, marketplace, incoming, performLater, failures, crash } = fulfillmentApp();

beforeEach(() => marketplace.show({ status: 'PendingFulfillmentStart', term: undefined }));

const command = (subscriptionId = marketplace.subscription!.id, bought: Partial<DataOf<typeof activate>> = {}) =>
  incoming(activate({ subscriptionId, planId: 'silver', quantity: 10, version: 3, ...bought }));
const observedAs = (status: string) => ({
  type: 'landfall.fulfillment.subscription-observed.v1',
  data: { occasion: 'activation', read: { snapshot: { status } } },
});
const failed = { type: 'landfall.fulfillment.activation-failed.v1' };

const crashedRun = () => crash((job) => app.get(ActivationWorker).activate(job));

/** How long the only job still waits. */
const dueInS = async () => {
  const [row] = await app.query<{ due: number }>(
    `select extract(epoch from run_at - now())::float8 - $1::float8 / 1000 as due from fulfillment.job`,
    [app.clock.aheadMs],
  );
  return row!.due;
};

const agoOfCalls = (seconds: number) =>
  app.query(`update fulfillment.calls set started_at = started_at - make_interval(secs => $1) where route like '%/activate'`, [seconds]);

it('activates once, however often it is asked to, and follows until it shows: 200 means received (pitfalls 12 and 13)', async () => {
  const message = command();
  marketplace.onActivate = () => undefined;
  await app.deliver(message, message, command());
  await app.perform();
  await performLater();
  await performLater();
  expect(await app.sent()).toEqual([]);
  marketplace.show({ status: 'Subscribed' });
  await performLater();
  expect(marketplace.times('activate')).toBe(1);
  expect(await app.sent()).toMatchObject([observedAs('Subscribed')]);
  expect(await app.jobs()).toEqual([]);
});

it.each(['Subscribed', 'Suspended', 'Unsubscribed'])('publishes what is %s already, without Activate (pitfall 15)', async (status) => {
  marketplace.show({ status });
  await app.deliver(command());
  await app.perform();
  expect(marketplace.times('activate')).toBe(0);
  expect(await app.sent()).toMatchObject([observedAs(status)]);
});

it.each(['Suspended', 'Unsubscribed'])('ends with %s after an Activate that was received (contract 5.2)', async (status) => {
  marketplace.onActivate = () => undefined;
  await app.deliver(command());
  await app.perform();
  marketplace.show({ status });
  await performLater();
  expect([marketplace.times('activate'), await app.sent()]).toMatchObject([1, [observedAs(status)]]);
});

it('announces the call in the ledger before it is made', async () => {
  const { id } = marketplace.subscription!;
  let announced: unknown;
  let looked = Promise.resolve();
  marketplace.onActivate = () => {
    looked = app.query('select status from fulfillment.calls where subscription_id = $1', [id]).then((rows) => void (announced = rows));
  };
  await app.deliver(command());
  await app.perform();
  await looked;
  expect(announced).toEqual([{ status: null }]);
});

it('does not call again after a crash when the subscription has become Subscribed meanwhile', async () => {
  await app.deliver(command());
  await crashedRun();
  await app.perform();
  expect(marketplace.times('activate')).toBe(1);
  expect(await app.sent()).toMatchObject([observedAs('Subscribed')]);
});

it('watches a call whose answer nobody saw before it calls again', async () => {
  marketplace.onActivate = () => undefined;
  await app.deliver(command());
  await crashedRun();
  await performLater();
  expect(marketplace.times('activate')).toBe(1);
  await agoOfCalls(21);
  await performLater();
  expect(marketplace.times('activate')).toBe(2);
});

it('does not wait for the effect of a call that was surely not sent', async () => {
  await app.deliver(command());
  marketplace.failing = (call, requestId) => {
    if (call === 'activate') throw unreachable(requestId);
  };
  await app.perform();
  marketplace.failing = () => undefined;
  await performLater();
  await performLater();
  expect(await app.sent()).toMatchObject([observedAs('Subscribed')]);
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
  expect(await app.sent()).toMatchObject([observedAs('Subscribed')]);
});

it.each([
  ['400', () => rejected('plan mismatch')],
  ['404', () => new MarketplaceNotFound('Microsoft answered 404', { status: 404 })],
])('reads again after %s: what it shows decides', async (_status, answer) => {
  await app.deliver(command());
  marketplace.onActivate = () => {
    marketplace.show({ status: 'Unsubscribed' });
    throw answer();
  };
  await app.perform();
  expect(await app.sent()).toMatchObject([observedAs('Unsubscribed')]);
});

/** Lets the pause after a refusal pass, which is in the ledger: on business time, and by the database's clock. */
const afterPause = async () => {
  await app.query(`update fulfillment.calls set status = 400 where route like '%/activate' and status is null`);
  app.clock.advance(600_000);
  await agoOfCalls(600);
  await app.perform();
};
const refuse = (answer: () => Error) => () => {
  throw answer();
};
const dayMs = 24 * 3_600_000;
/** The only job as operators see it. */
const job = async () => (await app.query<{ id: string; kind: string; state: string }>('select id, kind, state from fulfillment.job'))[0];
const operator = { actor: 'operator-1', correlationId: 'c', reason: 'mended in Partner Center' };

describe.each([
  ['400', () => rejected('the plan does not match')],
  ['404', () => new MarketplaceNotFound('Microsoft answered 404', { status: 404 })],
])('an activation that Microsoft refuses with %s while the subscription stays pending', (status, answer) => {
  it('is asked for again, with growing pauses, and goes on as if nothing had been', async () => {
    marketplace.onActivate = refuse(answer);
    await app.deliver(command());
    await app.perform();
    expect(await dueInS()).toBeGreaterThan(10);
    await afterPause();
    await afterPause();
    expect(await dueInS()).toBeGreaterThan(70);
    expect([marketplace.times('activate'), await app.sent()]).toEqual([3, []]);
    marketplace.onActivate = () => marketplace.show({ status: 'Subscribed' });
    await afterPause();
    await performLater();
    expect(await app.sent()).toMatchObject([observedAs('Subscribed')]);
    expect(await app.jobs()).toEqual([]);
  });

  it.each(['Subscribed', 'Suspended', 'Unsubscribed'])('ends with what the subscription shows: %s', async (shown) => {
    marketplace.onActivate = refuse(answer);
    await app.deliver(command());
    await app.perform();
    marketplace.show({ status: shown });
    await afterPause();
    expect([marketplace.times('activate'), await app.sent()]).toMatchObject([1, [observedAs(shown)]]);
  });

  it('has failed at the limit, with Microsoft’s reason, as a dead job: an operator retries it (rule 10)', async () => {
    marketplace.onActivate = refuse(answer);
    await app.deliver(command());
    await app.perform();
    for (let run = 0; run < 5; run += 1) await afterPause();
    app.clock.advance(dayMs - 6 * 600_000 - 300_000);
    await afterPause(); // the next attempt would come ten minutes later, and that is too late
    expect(await app.sent()).toMatchObject([{ ...failed, data: { reason: expect.stringContaining(status) } }]);
    const died = (await job())!;
    expect(died).toMatchObject({ kind: 'activate-subscription', state: 'dead' });
    marketplace.onActivate = () => marketplace.show({ status: 'Subscribed' });
    await agoOfCalls(600);
    await app.get(JobAdministration).retry(died.id, { ...operator, idempotencyKey: randomUUID() });
    await app.perform();
    await performLater();
    expect(await app.sent()).toMatchObject([observedAs('Subscribed')]);
    expect(await job()).toBeUndefined();
  });
});

it.each(['refused', 'followed in vain'])('starts again where the customer has come again after it had failed: %s', async (how) => {
  marketplace.onActivate = how === 'refused' ? refuse(() => rejected('not now')) : () => undefined;
  const message = command();
  await app.deliver(message);
  await app.perform();
  app.clock.advance(dayMs);
  await app.perform();
  await app.perform();
  expect(await app.sent()).toMatchObject([failed]);
  await agoOfCalls(600);
  marketplace.onActivate = () => marketplace.show({ status: 'Subscribed' });
  await app.deliver(command());
  await app.perform();
  await performLater();
  expect([marketplace.times('activate'), await app.sent()]).toMatchObject([2, [observedAs('Subscribed')]]);
  expect(await job()).toBeUndefined();
});

it('does not call it failed when Microsoft refuses an attempt after one whose answer nobody saw: that one may have begun the billing', async () => {
  marketplace.onActivate = () => {
    throw away(null);
  };
  await app.deliver(command());
  await app.perform();
  await agoOfCalls(21);
  marketplace.onActivate = () => {
    throw rejected('it is being activated');
  };
  await performLater();
  expect(await app.sent()).toEqual([]);
  marketplace.show({ status: 'Subscribed' });
  await performLater();
  expect(await app.sent()).toMatchObject([observedAs('Subscribed')]);
});

it.each(['activate-subscription', 'follow-activation'])('has failed when %s shows nothing within the limit (rule 10)', async (kind) => {
  marketplace.onActivate = () => undefined;
  await app.deliver(command());
  if (kind === 'follow-activation') await app.perform();
  expect(await app.jobs()).toMatchObject([{ kind }]);
  app.clock.advance(24 * 3_600_000);
  await performLater();
  await performLater();
  expect(await app.sent()).toMatchObject([{ ...failed, data: { reason: expect.stringContaining('within the limit') } }]);
  expect(await job()).toMatchObject({ kind: 'activate-subscription', state: 'dead' });
});

it('has failed at the limit also where Microsoft’s answers can’t be used (rule 10)', async () => {
  marketplace.failing = () => {
    throw new MarketplaceForbidden('403', { status: 403 });
  };
  await app.deliver(command());
  app.clock.advance(24 * 3_600_000);
  await app.perform();
  expect(await app.sent()).toMatchObject([{ ...failed, data: { reason: expect.stringContaining('within the limit') } }]);
});

it('asks for the plan and the seats that Microsoft shows beside it, where the record was never told them', async () => {
  const activated = jest.spyOn(marketplace, 'activate');
  await app.deliver(command(undefined, { planId: '', quantity: null }));
  await app.perform();
  expect(activated.mock.calls[0]![1]).toEqual({ planId: 'silver', quantity: 10 });
  activated.mockRestore();
});

it('never activates a subscription that Microsoft calls NotStarted (contract 3.2)', async () => {
  marketplace.show({ status: 'NotStarted' });
  await app.deliver(command());
  for (let run = 0; run < 3; run += 1) await performLater();
  expect(marketplace.times('activate')).toBe(0);
});

it('keeps the subscriptions of others moving while one waits', async () => {
  marketplace.show({ status: 'NotStarted' });
  await app.deliver(command(), command(randomUUID()));
  expect(await app.perform()).toBe(2);
});

it.each([
  ['ahead', 90_000],
  ['behind', -90_000],
])('waits for the effect of a call by no machine’s clock: another copy may have made it, whose clock was %s', async (_how, offMs) => {
  await app.deliver(command());
  marketplace.failing = (call) => {
    if (call === 'activate') throw away(null);
  };
  await app.perform();
  expect(marketplace.times('activate')).toBe(1);
  await app.query('update fulfillment.job set run_at = now()');
  const realNow = Date.now();
  const clock = jest.spyOn(app.clock, 'realNow').mockReturnValue(new Date(realNow + offMs));
  await app.perform();
  expect(marketplace.times('activate')).toBe(1);
  await agoOfCalls(20);
  await app.query('update fulfillment.job set run_at = now()');
  await app.perform();
  clock.mockRestore();
  expect(marketplace.times('activate')).toBe(2);
});
