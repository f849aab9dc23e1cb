import { register } from '@landfall/service-defaults';
import { testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { AppModule } from '../app.module';
import { historyPage } from '../history/history.view';
import { migrations, schema } from '../migrations';
import { withoutTheKeeper } from '../testing/history.fixture';
import { aRead, confirmed, observed, resolved } from '../testing/subscription.builders';
import { DeadlineWatch } from './deadline.watch';

const app = testApp(AppModule, { schema, migrations });

afterEach(() => withoutTheKeeper(app, 'truncate subscription.subscriptions cascade'));
afterEach(() => app.sent());

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Business time, so many days from now. */
const inDays = (days: number) => new Date(app.clock.now().getTime() + days * dayMs).toISOString();

/** A purchase that its customer did not activate, with so many days left. */
async function purchased(daysLeft: number): Promise<{ id: string; at: string }> {
  const id = randomUUID();
  const purchasedAt = inDays(daysLeft - 30);
  await app.deliver(
    resolved(aRead(5, { subscriptionId: id, status: 'PendingFulfillmentStart', term: undefined, purchasedAt }), randomUUID()),
  );
  await app.sent();
  return { id, at: new Date(Date.parse(purchasedAt) + 30 * dayMs).toISOString() };
}

interface Near {
  readonly subscriptionId: string;
  readonly deadline: string;
  readonly at: string;
}
const reminders = async () =>
  (await app.sent())
    .filter(({ type }) => type === 'landfall.subscription.deadline-near.v1')
    .map(({ data, sequence }) => ({ ...(data as Near), sequence }));
const round = () => app.get(DeadlineWatch).round();
const overdue = async () => Number(/^subscription_oldest_overdue_deadline_seconds (\S+)/m.exec(await register.metrics())![1]);

it('tells each reminder once, also where two copies look at the same time', async () => {
  const purchases = [];
  for (let number = 0; number < 12; number += 1) purchases.push(await purchased(6));
  const other = (await app.copy()).get(DeadlineWatch);
  const taken = await Promise.all([round(), other.round(), round(), other.round()]);
  expect(taken.reduce((sum, count) => sum + count)).toBe(12);
  const told = await reminders();
  expect(told.map(({ subscriptionId }) => subscriptionId).sort()).toEqual(purchases.map(({ id }) => id).sort());
  expect(told.every(({ deadline, sequence }) => deadline === 'activation' && sequence === 2)).toBe(true);
  expect(await round()).toBe(0);
  expect(await reminders()).toEqual([]);
});

it('tells what came due while no copy ran, and of several the newest', async () => {
  const { id, at } = await purchased(10);
  expect(await round()).toBe(0);
  app.clock.advance(9.5 * dayMs);
  expect(await round()).toBe(1);
  expect(await reminders()).toMatchObject([{ subscriptionId: id, deadline: 'activation', at, sequence: 2 }]);
  expect(await round()).toBe(0);
});

it('reminds anew where the deadline moves, and no more where there is none', async () => {
  const subscriptionId = randomUUID();
  const today = app.clock.now().getTime();
  const endDate = (days: number) => new Date(today + days * dayMs).toISOString().slice(0, 10);
  const ending = (second: number, days: number, changes: object = {}) => {
    const term = { termUnit: 'P1M', startDate: endDate(-20), endDate: endDate(days) };
    return observed(aRead(second, { subscriptionId, autoRenew: false, term, ...changes }));
  };
  await app.deliver(ending(5, 4));
  // the closing reads of the import would open the members again; here the database does
  const open = () => app.query(`update subscription.subscriptions set members = '{}' where id = $1`, [subscriptionId]);
  await open();
  await round();
  expect((await reminders()).map(({ deadline, at }) => `${deadline} ${at}`)).toEqual([`term-end ${endDate(5)}T00:00:00.000Z`]);
  await app.deliver(ending(400, 3));
  await open();
  await round();
  expect((await reminders()).map(({ at }) => at)).toEqual([`${endDate(4)}T00:00:00.000Z`]);
  await app.deliver(ending(800, 3, { autoRenew: true }));
  app.clock.advance(3.5 * dayMs);
  expect(await round()).toBe(0);
  expect(await overdue()).toBe(0);
});

it('reads when the deadline is over, shows for how long it has been, and cancels nothing', async () => {
  const { id } = await purchased(-0.5);
  await round();
  const sent = await app.sent();
  expect(sent.map(({ type }) => type)).toEqual(['landfall.fulfillment.read-subscription.v1']);
  expect(await overdue()).toBeGreaterThanOrEqual((0.5 * dayMs) / 1_000);
  await app.deliver(observed(aRead(900, { subscriptionId: id, status: 'Unsubscribed' })));
  expect(await overdue()).toBe(0);
});

it('leaves a reminder in the history, and how long somebody has been waiting as it is', async () => {
  const { id, at } = await purchased(6);
  await app.deliver(confirmed(id));
  await app.query(`update subscription.subscriptions set changed_at = now() - interval '1 day' where id = $1`, [id]);
  await round();
  const [row] = await app.query<{ age: number }>(
    `select extract(epoch from now() - changed_at)::float8 as age from subscription.subscriptions where id = $1`,
    [id],
  );
  expect(row!.age).toBeGreaterThan((dayMs - minuteMs) / 1_000);
  const headers = { authorization: await app.bearer('landfall.read') };
  const { items } = historyPage.parse((await app.http({ method: 'GET', url: `/subscriptions/${id}/history`, headers })).json());
  expect(items.at(-1)).toMatchObject({
    ...{ actor: { kind: 'rules' }, cause: { source: 'deadline' }, reason: `activation at ${at}` },
    summary: `Our rules reminded of a deadline: activation at ${at}`,
  });
});
