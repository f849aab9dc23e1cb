import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { activate, changeSubscription, operationDecided, readSubscription, webhookAnswered } from '@landfall/contracts';
import { register } from 'prom-client';
import { contoso, fabrikam, type Publisher } from '../testing/two.publishers';
import { twoPublishersApp } from '../testing/two.publishers.app';
import { otherRegistrations } from './registration.metrics';
import { RegistrationRepository } from './registration.repository';

const setup = twoPublishersApp();
const { app, incoming, opened, webhook, unreadableWebhook, performLater, bindings, failures } = setup;
afterEach(() => jest.restoreAllMocks());

const order = (subscriptionId: string) =>
  incoming(readSubscription({ subscriptionId, order: 1, afterMs: 0, members: ['status'], closes: [] }));
const toActivate = (subscriptionId: string) => incoming(activate({ subscriptionId, planId: 'silver', quantity: 10, version: 1 }));
const typesOf = (sent: { type: string }[]) => sent.map(({ type }) => type.replace(/^landfall\.fulfillment\.|\.v1$/g, ''));
const refusals = async () =>
  Object.fromEntries(
    (await otherRegistrations.get()).values.map(({ labels, value }) => [
      `${labels.kind}: ${labels.registration} not ${labels.bound_to}`,
      value,
    ]),
  );

/** A subscription of a publisher that is on record already. */
async function known(publisher: Publisher) {
  const sold = setup.microsoft.sell(publisher);
  await app.deliver(await opened(publisher, sold.id));
  await app.perform();
  await app.sent();
  setup.microsoft.calls.length = 0;
  return sold;
}

/** The first one: a token that took the place of a refused one is not replaced within a minute. */
it('knows that a change left again with a fresh token, whose answer was lost, and does not ask for it once more (rule 9)', async () => {
  const { microsoft } = setup;
  const sold = await known(fabrikam);
  sold.status = 'Subscribed';
  microsoft.changes.push('refused', 'cut');
  const gold = { action: 'ChangePlan', planId: 'gold', quantity: null } as const;
  await app.deliver(incoming(changeSubscription({ subscriptionId: sold.id, requestId: randomUUID(), ...gold, version: 2 })));
  const calls = () => app.query('select status from fulfillment.calls where job_id is not null order by started_at');
  await setup.eventually(async () => {
    await performLater();
    return microsoft.changes.length === 0;
  });
  await setup.eventually(async () => (await calls())[0]?.['status'] === 403); // written a moment after the answer
  expect(await calls()).toEqual([{ status: 403 }, { status: null }]);
  await app.query('update fulfillment.calls set started_at = now() where job_id is not null');
  await performLater();
  expect(microsoft.callsBy(fabrikam).filter((call) => call === 'PATCH')).toHaveLength(2);
  expect(typesOf(await app.sent())).not.toContain('change-failed');
});

it('asks Microsoft about each subscription with the token of its own registration, in every call that there is', async () => {
  const { microsoft } = setup;
  const sales = [contoso, fabrikam, contoso, fabrikam].map((publisher) => microsoft.sell(publisher));
  await app.deliver(...(await Promise.all(sales.map(({ publisher, id }) => opened(publisher, id)))));
  await app.perform(); // Resolve, List Available Plans
  await app.deliver(...sales.flatMap(({ id }) => [toActivate(id), order(id)]));
  await app.perform(); // Get Subscription, Activate
  await performLater(); // Get Subscription until it shows
  for (const sold of sales) sold.operation = { id: randomUUID(), action: 'ChangePlan', status: 'InProgress' };
  await app.deliver(...sales.map(({ publisher, id }) => unreadableWebhook(publisher, id))); // List Outstanding Operations
  await app.deliver(...sales.map(({ publisher, id, operation }) => webhook(publisher, id, operation!.id))); // Get Operation
  for (const { publisher, id: subscriptionId, operation } of sales) {
    const about = { subscriptionId, operationId: operation!.id, action: 'ChangePlan' };
    const answeredAt = new Date().toISOString();
    await app.deliver(incoming(webhookAnswered({ ...about, registration: publisher.name, status: 200, answeredAt })));
    await app.deliver(
      incoming(operationDecided({ ...about, registration: publisher.name, verdict: 'accepted', reason: null, version: 2 })),
    );
  }
  await performLater(); // PATCH Operation
  await performLater();

  expect(microsoft.forbidden).toEqual([]);
  const everyCall = [
    'GET',
    'GET listAvailablePlans',
    'GET operations',
    'GET operations/{id}',
    'PATCH operations/{id}',
    'POST activate',
    'POST resolve',
  ];
  for (const publisher of [contoso, fabrikam]) expect([...new Set(microsoft.callsBy(publisher))].sort()).toEqual(everyCall);
  expect(await bindings()).toMatchObject(Object.fromEntries(sales.map(({ id, publisher }) => [id, publisher.name])));
  const told = (await app.sent()).filter(({ type }) => type.includes('.operation-'));
  for (const { publisher, id } of sales)
    expect(told.filter(({ key }) => key === id)).toMatchObject(
      ['verified', 'settled'].map((what) => ({
        type: `landfall.fulfillment.operation-${what}.v1`,
        data: { registration: publisher.name },
      })),
    );
  expect(await app.jobs()).toEqual([]);
});

it('keeps in the ledger with whose token each call was made', async () => {
  const sales = [await known(contoso), await known(fabrikam)];
  const written = () =>
    app.query('select distinct subscription_id as id, registration from fulfillment.calls where subscription_id = any($1::uuid[])', [
      sales.map(({ id }) => id),
    ]);
  await setup.eventually(async () => (await written()).length === 2);
  expect(await written()).toEqual(expect.arrayContaining(sales.map(({ id, publisher }) => ({ id, registration: publisher.name }))));
});

describe('what comes to another registration than the subscription’s own', () => {
  it.each([
    ['webhook', (id: string) => webhook(fabrikam, id)],
    ['webhook that names no operation', (id: string) => unreadableWebhook(fabrikam, id)],
  ])('is not acted on, is counted and told, and holds up nothing: a %s', async (_case, misdirected) => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const before = (await refusals())['webhook: fabrikam not default'] ?? 0;
    const { id } = await known(contoso);
    const own = webhook(contoso, id);
    await app.deliver(misdirected(id), own);
    expect(setup.microsoft.callsBy(fabrikam)).toEqual([]);
    expect(await app.sent()).toMatchObject([{ data: { operationId: own.data.operationId } }, {}]); // announced, and the read beside it
    expect(await app.blockedKeys()).toEqual([]);
    expect((await refusals())['webhook: fabrikam not default']).toBe(before + 1);
    expect(logged.mock.calls).toEqual([
      [
        expect.objectContaining({ subscriptionId: id, registration: 'fabrikam', boundTo: 'default' }),
        expect.stringContaining('came to registration fabrikam, while its subscription belongs to registration default'),
      ],
    ]);
  });

  it('is not acted on, and its customer is told that the offer is not set up here: a purchase', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const { id } = await known(contoso);
    setup.microsoft.resolvesForAnybody = true;
    await app.deliver(await opened(fabrikam, id));
    await app.perform();
    expect(setup.microsoft.calls).toEqual(['fabrikam POST resolve']);
    expect(await app.sent()).toMatchObject([{ type: 'landfall.fulfillment.purchase-unresolved.v1', data: { reason: 'not-ours' } }]);
    expect(await refusals()).toMatchObject({ 'purchase: fabrikam not default': 1 });
    expect((await bindings())[id]).toBe('default');
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ kind: 'purchase' }), expect.stringContaining('is not acted on'));
  });

  it('is given up where that shows only later: a webhook that came before Microsoft showed the subscription', async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const sold = setup.microsoft.sell(contoso, { isShown: false });
    const misdirected = webhook(fabrikam, sold.id);
    await app.deliver(misdirected);
    expect((await bindings())[sold.id]).toBeUndefined();
    expect(typesOf(await app.sent())).toEqual(['operation-announced']);

    sold.isShown = true;
    await app.deliver(await opened(contoso, sold.id));
    await app.perform();
    expect((await bindings())[sold.id]).toBe('default');
    setup.microsoft.calls.length = 0;
    await performLater();
    expect(setup.microsoft.callsBy(fabrikam)).toEqual([]);
    expect(await app.sent()).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ operationId: misdirected.data.operationId, settled: 'Invisible' }) as object,
      }),
    );
    expect(await app.jobs()).toEqual([]);
  });
});

it('follows an operation for its own registration, also where the webhook of another one named it first', async () => {
  const sold = setup.microsoft.sell(contoso, { isShown: false });
  const operationId = randomUUID();
  await app.deliver(webhook(fabrikam, sold.id, operationId));
  expect(typesOf(await app.sent())).toEqual(['operation-announced']);
  sold.isShown = true;
  sold.operation = { id: operationId, action: 'ChangePlan', status: 'InProgress' };
  await app.deliver(webhook(contoso, sold.id, operationId));
  expect(typesOf(await app.sent())).toEqual(['operation-verified']);
  sold.operation.status = 'Succeeded';
  setup.microsoft.calls.length = 0;
  await performLater();
  expect(setup.microsoft.callsBy(fabrikam)).toEqual([]);
  expect(await app.sent()).toMatchObject([{ data: { operationId, settled: 'Succeeded' } }]);
  expect(await app.jobs()).toEqual([]);
});

it('takes an operation up for its own registration, also where it was given up for another one that had named it first', async () => {
  jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const sold = setup.microsoft.sell(contoso, { isShown: false });
  const operationId = randomUUID();
  await app.deliver(webhook(fabrikam, sold.id, operationId));
  sold.isShown = true;
  await app.deliver(await opened(contoso, sold.id));
  await app.perform();
  await performLater();
  expect((await app.sent()).at(-1)).toMatchObject({ data: { operationId, settled: 'Invisible', registration: 'fabrikam' } });

  sold.operation = { id: operationId, action: 'ChangePlan', status: 'InProgress' };
  await app.deliver(webhook(contoso, sold.id, operationId));
  expect(typesOf(await app.sent())).toEqual(['operation-verified']);
  sold.operation.status = 'Succeeded';
  await performLater();
  expect(await app.sent()).toMatchObject([{ data: { operationId, settled: 'Succeeded' } }]);
  expect(await app.jobs()).toEqual([]);
});

it('counts from its own webhook, and believes nothing of what the other one had said of it', async () => {
  const sold = setup.microsoft.sell(contoso, { isShown: false });
  const operationId = randomUUID();
  const foreign = webhook(fabrikam, sold.id, operationId);
  await app.deliver({ ...foreign, data: { ...foreign.data, isRevert: true } });
  await app.query(`update fulfillment.operations set first_look_at = now() - interval '9 s'`);
  sold.isShown = true;
  sold.operation = { id: operationId, action: 'ChangePlan', status: 'InProgress' };
  const [{ began } = {}] = await app.query<{ began: Date }>('select now() as began');
  await app.deliver(webhook(contoso, sold.id, operationId));
  const kept = await app.query(
    `select registration, first_look_at >= $2 as "isLookedAtAnew", is_revert as "isRevert"
       from fulfillment.operations where operation_id = $1`,
    [operationId, began],
  );
  expect(kept).toEqual([{ registration: 'default', isLookedAtAnew: true, isRevert: false }]);
});

describe('a subscription that Microsoft has not shown yet', () => {
  it('is asked for by the registration to whose address its webhook came, and is bound to it once it is shown', async () => {
    const sold = setup.microsoft.sell(fabrikam, { isShown: false });
    await app.deliver(webhook(fabrikam, sold.id), order(sold.id));
    await app.perform();
    expect(setup.microsoft.callsBy(contoso)).toEqual([]);
    expect((await bindings())[sold.id]).toBeUndefined();
    sold.isShown = true;
    await performLater();
    expect((await bindings())[sold.id]).toBe('fabrikam');
    expect(typesOf(await app.sent())).toContain('subscription-observed');
  });

  it('is not asked for at all where nobody has named it to a registration; the order waits, and counts as no failure', async () => {
    const sold = setup.microsoft.sell(contoso);
    await app.deliver(order(sold.id), toActivate(sold.id));
    await app.perform();
    expect(setup.microsoft.calls).toEqual([]);
    expect(await app.jobs()).toMatchObject([
      { state: 'ready', lastError: expect.stringContaining('It is not known to which registration') as string },
      { state: 'ready', lastError: expect.stringContaining('It is not known to which registration') as string },
    ]);
    expect(await failures()).toMatchObject([{ failures: 0 }, { failures: 0 }]);
    await app.deliver(webhook(contoso, sold.id));
    await performLater();
    expect(typesOf(await app.sent())).toContain('subscription-observed');
  });
});

it('waits for a registration that the settings do not name any more, as for one that is not let in', async () => {
  const { id } = setup.microsoft.sell(contoso);
  await app.query('insert into fulfillment.subscription_registrations values ($1, $2)', [id, 'northwind']);
  await app.deliver(order(id));
  await app.perform();
  expect(setup.microsoft.calls).toEqual([]);
  expect(await app.jobs()).toMatchObject([
    { lastError: expect.stringContaining('Registration northwind is not among the settings') as string },
  ]);
  expect(await failures()).toMatchObject([{ state: 'ready', failures: 0 }]);
  expect(await register.metrics()).toMatch(/^marketplace_calls_forbidden_total{[^}]*registration="northwind"[^}]*} [1-9]/m);
});

it('binds a subscription once, whichever copy of this service is first, and never again', async () => {
  const repository = app.get<RegistrationRepository>(RegistrationRepository);
  const id = randomUUID();
  const bound = await Promise.all(['default', 'fabrikam', 'default', 'fabrikam'].map((name) => repository.bind(id, name)));
  expect(new Set(bound).size).toBe(1);
  expect(await repository.bind(id, 'northwind')).toBe(bound[0]);
  expect(await repository.belongingOf(id)).toEqual({ boundTo: bound[0], announcedTo: [] });
});
