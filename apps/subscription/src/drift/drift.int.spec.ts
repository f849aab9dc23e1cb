import { differenceEnded, differenceFound, type DataOf, type readSubscription, type ShownSnapshot } from '@landfall/contracts';
import type { Page } from '@landfall/messaging';
import { register } from '@landfall/service-defaults';
import { aMessage, testApp } from '@landfall/testing';
import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aRead, at, observed, ordered, verified } from '../testing/subscription.builders';
import { driftView, type DriftView } from './drift.view';
import { DriftWatch } from './drift.watch';

const app = testApp(AppModule, { schema, migrations });

afterEach(() => app.query('delete from subscription.drifts'));

const list = async (query: string, role: 'landfall.read' | null = 'landfall.read') =>
  app.management({ url: `/drifts?${query}`, headers: role ? { authorization: await app.bearer(role) } : {} });
const drifts = async (query: string): Promise<readonly DriftView[]> => (await list(query)).json<Page<DriftView>>().items;

/** The read that the record ordered last. */
const lastOrder = async () =>
  (await app.sent()).findLast(({ type }) => type === 'landfall.fulfillment.read-subscription.v1')!.data as DataOf<typeof readSubscription>;

/** Another subscription for each spec, so that they share one database; and none has a drift to begin with. */
async function another() {
  const subscriptionId = randomUUID();
  const reconciliationId = randomUUID();
  const read = (second: number, changes: Partial<ShownSnapshot> = {}) => aRead(second, { subscriptionId, ...changes });
  const swept = (second: number, changes: Partial<ShownSnapshot> = {}) => {
    const message = observed(read(second, changes));
    return { ...message, data: { ...message.data, reconciliationId } };
  };
  await app.deliver(observed(read(5)));
  await app.deliver(ordered(read(160), await lastOrder())); // opens what the import has shut
  await app.query('delete from subscription.drifts');
  return { subscriptionId, reconciliationId, read, swept };
}

const movedTo = (planId: string, subscriptionId: string, second: number) =>
  verified({
    ...{ subscriptionId, operationId: randomUUID(), action: 'ChangePlan', planId, operationStatus: 'Succeeded' },
    ...{ timeStamp: at(second - 2), operationDate: at(second), read: aRead(second, { subscriptionId, planId }) },
  });

it('writes a drift once, however often its message comes, and shows it behind the role for reading', async () => {
  const { subscriptionId, reconciliationId, swept } = await another();
  const message = swept(600, { planId: 'gold' });
  await app.deliver(message);
  await app.deliver(message);
  const shown = await drifts(`subscriptionId=${subscriptionId}`);
  expect(shown).toMatchObject([
    {
      ...{ subscriptionId, member: 'plan', ours: 'silver', microsofts: 'gold', state: 'repaired', keptReason: null },
      ...{ occasion: 'reconciliation', reconciliationId, source: 'reconciliation', operationId: null, foundAt: at(600) },
      ...{ endedAt: at(600), event: 'landfall.subscription.plan-changed.v1', version: 2, since: { to: at(600) } },
    },
  ]);
  expect(driftView.parse(shown[0])).toEqual(shown[0]);
  expect([(await list('', null)).statusCode, (await list('state=shut')).statusCode, (await list('after=x')).statusCode]).toEqual([
    401, 400, 400,
  ]);
});

it('keeps an open drift across the database until a read ends it, and finds it again as the same one', async () => {
  const { subscriptionId, read, swept } = await another();
  await app.deliver(movedTo('gold', subscriptionId, 220));
  const order = await lastOrder();
  await app.deliver(swept(260), swept(270));
  expect(await drifts(`subscriptionId=${subscriptionId}&state=open`)).toMatchObject([
    { member: 'plan', ours: 'gold', microsofts: 'silver', keptReason: 'shut', timesFound: 2, endedAt: null, event: null },
  ]);
  const scrape = await register.metrics();
  expect(scrape).toMatch(/^subscription_open_drifts 1$/m);
  expect(scrape).toMatch(/^subscription_oldest_open_drift_seconds \d/m);
  expect(scrape).toMatch(/^subscription_drifts_total\{member="plan",cause="reconciliation"\} [1-9]/m);
  await app.deliver(ordered(read(400, { planId: 'gold' }), order));
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([{ state: 'over', endedAt: at(400), event: null }]);
});

it('shows what a sweep misses, until it is told that it is over, and takes it for over by no age', async () => {
  const { subscriptionId, reconciliationId } = await another();
  const found = { subscriptionId, difference: 'missing', reconciliationId, since: at(500), foundAt: at(600) } as const;
  await app.deliver(aMessage(differenceFound(found)));
  await app.query(`update subscription.drifts set seen_at = now() - interval '3 days', told_at = now()`);
  await app.get(DriftWatch).round();
  const [shown] = await drifts(`reconciliationId=${reconciliationId}&state=open`);
  expect(driftView.parse(shown)).toMatchObject({
    subscriptionId,
    member: 'subscription',
    microsofts: null,
    keptReason: 'missing',
    endReason: null,
  });
  await app.deliver(aMessage(differenceEnded({ subscriptionId, difference: 'missing', end: 'dismissed', endedAt: at(700) })));
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([
    { id: shown!.id, state: 'over', endedAt: at(700), endReason: 'dismissed' },
  ]);
});

it('learns later which operation explains what a read found', async () => {
  const { subscriptionId, read } = await another();
  await app.deliver(observed(read(200, { planId: 'gold' }), 'webhook'));
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([{ source: 'observed', operationId: null }]);
  const operation = movedTo('gold', subscriptionId, 201);
  await app.deliver(operation);
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([
    { operationId: (operation.data as { operationId: string }).operationId },
  ]);
});

it('takes no operation for the cause of an older difference', async () => {
  const { subscriptionId, read } = await another();
  await app.deliver(observed(read(200, { planId: 'gold' }), 'webhook'));
  await app.query(`update subscription.drifts set ended_at = ended_at - interval '30 days'`);
  await app.deliver(movedTo('gold', subscriptionId, 201));
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([{ microsofts: 'gold', operationId: null }]);
});

it('lists the newest first, page by page, by sweep, state and time', async () => {
  const { subscriptionId, reconciliationId, swept } = await another();
  await app.deliver(swept(600, { planId: 'gold', quantity: 12, autoRenew: false }));
  const first = (await list(`reconciliationId=${reconciliationId}&limit=2`)).json<Page<DriftView>>();
  const second = (await list(`reconciliationId=${reconciliationId}&limit=2&after=${first.next}`)).json<Page<DriftView>>();
  expect([...first.items, ...second.items].map(({ member }) => member).sort()).toEqual(['autoRenew', 'plan', 'quantity']);
  expect([first.items.length, second.next]).toEqual([2, null]);
  expect(await drifts(`subscriptionId=${subscriptionId}&state=open`)).toEqual([]);
  expect(await drifts(`subscriptionId=${subscriptionId}&since=2999-01-01T00:00:00Z`)).toEqual([]);
});

it('tells of a drift that stays, once; ends what no read finds any more; deletes what is old', async () => {
  const { subscriptionId, read, swept } = await another();
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  await app.deliver(observed(read(300, { status: 'Unsubscribed' })));
  await app.deliver(swept(600));
  const age = (column: string, days: number) =>
    app.query(`update subscription.drifts set ${column} = now() - make_interval(days => $1)`, [days]);
  const round = () => app.get(DriftWatch).round();
  await round();
  expect(error).not.toHaveBeenCalled();
  await age('recorded_at', 1);
  await round();
  await round();
  const words = expect.stringContaining('the record and Microsoft have differed for more than an hour') as string;
  expect(error.mock.calls).toEqual([[expect.objectContaining({ drifts: [{ subscriptionId, keptReason: 'absorbed' }] }), words]]);
  error.mockRestore();
  await age('recorded_at', 100);
  await round(); // an open one is kept, however old
  expect(await drifts(`subscriptionId=${subscriptionId}&state=open`)).toHaveLength(1);
  await app.query('update subscription.drifts set seen_at = now() - make_interval(days => 3), recorded_at = now()');
  await app.query(`update subscription.subscriptions set as_of = now() where id = $1`, [subscriptionId]);
  await round();
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([{ state: 'over', event: null }]);
  await age('recorded_at', 100);
  await round();
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toEqual([]);
});

it('takes nothing for over while nobody has looked, and has it read', async () => {
  const { subscriptionId, read, swept } = await another();
  await app.deliver(observed(read(300, { status: 'Unsubscribed' })));
  await app.deliver(ordered(read(460, { status: 'Unsubscribed' }), await lastOrder()));
  await app.query('delete from subscription.drifts'); // that it ended was one
  await app.deliver(swept(600));
  await app.sent();
  const unseen = () => app.query('update subscription.drifts set seen_at = now() - make_interval(days => 3)');
  for (const shown of [read(700), read(800, { status: 'Unsubscribed' })]) {
    await unseen();
    await app.get(DriftWatch).round();
    await app.get(DriftWatch).round();
    expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([{ state: 'open', keptReason: 'absorbed' }]);
    const orders = await app.sent();
    expect(orders).toMatchObject([{ type: 'landfall.fulfillment.read-subscription.v1', data: { subscriptionId, members: ['status'] } }]);
    await app.deliver(ordered(shown, orders[0]!.data as DataOf<typeof readSubscription>));
    await app.sent();
  }
  expect(await drifts(`subscriptionId=${subscriptionId}`)).toMatchObject([
    { state: 'over', endedAt: at(800), timesFound: 2, lastFoundAt: at(700) },
  ]);
});
