import { randomUUID } from 'node:crypto';
import type { Draft } from '@landfall/contracts';
import { aMessage, manyMore, scraped } from '@landfall/testing';
import { Retention, ROWS } from './retention';
import { downgrade, twoGateways } from './testing/two.gateways.fixture';
import { decided, ended, payload, type Payload } from './testing/webhook.fixture';

const two = twoGateways();
const { post, stored } = two;

const removeOld = () => two.gateway.get(Retention).clean();
const age = (table: 'webhook_deliveries' | 'operation_decisions', column: string, days: number, operationId: string) =>
  two.gateway.query(`update gateway.${table} set ${column} = now() - make_interval(days => $1) where operation_id = $2`, [
    days,
    operationId,
  ]);
const decisions = ({ id }: Payload) => two.gateway.query('select * from gateway.operation_decisions where operation_id = $1', [id]);

it('a delivery goes after 30 days by the clock of the database, whatever the clock was of the copy that took it', async () => {
  const [old, young] = [downgrade({ action: 'Renew' }), downgrade({ action: 'Renew' })];
  for (const notification of [old, young]) expect((await post(notification)).status).toBe(200);
  await age('webhook_deliveries', 'received_at', 20_000, young.id); // a machine without a battery begins in 1970
  await age('webhook_deliveries', 'stored_at', 31, old.id);
  await removeOld();
  expect([await stored(old.id), (await stored(young.id)).length]).toEqual([[], 1]);
});

describe('a decision', () => {
  it('is not kept where its delivery was answered with 200, since nothing can change that answer, nor that it came', async () => {
    const notification = payload();
    expect((await post(notification)).status).toBe(200);
    const before = await two.gateway.query('select * from gateway.processed_message');
    await two.gateway.deliver(decided(notification, 'refused', 'no'), ended(notification, 'Failed'));
    expect(await decisions(notification)).toEqual([]);
    expect(await two.gateway.query('select * from gateway.processed_message')).toEqual(before);
    expect((await post(notification)).status).toBe(200);
  });

  it('stays as it came first, however often and late the messages of it come again', async () => {
    const notification = downgrade();
    const [refused, failed] = [decided(notification, 'refused', 'no'), ended(notification, 'Failed')];
    await two.gateway.deliver(refused, failed);
    const first = await decisions(notification);
    await two.gateway.deliver(failed, refused, decided(notification, 'accepted'), refused);
    expect(first).toMatchObject([{ verdict: 'refused', reason: 'no', settled: 'Failed' }]);
    expect(await decisions(notification)).toEqual(first);
  });

  it('goes after 30 days with the delivery that asked for it, and stays for 30 days where none ever did', async () => {
    const [asked, young, unasked] = [downgrade(), downgrade(), downgrade()];
    for (const notification of [asked, young, unasked]) await two.gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await post(asked)).status).toBe(400);
    await age('webhook_deliveries', 'stored_at', 31, asked.id);
    for (const { id } of [asked, unasked]) await age('operation_decisions', 'stored_at', 31, id);
    await age('operation_decisions', 'stored_at', 29, young.id);
    await removeOld();
    expect([await decisions(asked), await stored(asked.id), await decisions(unasked)]).toEqual([[], [], []]);
    expect(await decisions(young)).toHaveLength(1);
  });

  it('does not come back when a topic is read again after it has gone: neither does what was erased of it', async () => {
    const notification = downgrade();
    const longAgo = { time: new Date(Date.now() - 31 * 86_400_000).toISOString() };
    const again = [decided(notification, 'refused', 'no licence for grace@fabrikam.example'), ended(notification, 'Failed')];
    await two.gateway.deliver(...again.map((draft) => aMessage(draft as Draft, longAgo)));
    expect(await decisions(notification)).toEqual([]);
  });

  it('stays for as long as a delivery asks for it, since a redelivery would wait for nothing: decided first, and delivered when it is old', async () => {
    const notification = downgrade();
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    await age('operation_decisions', 'stored_at', 31, notification.id);
    expect((await post(notification)).status).toBe(400);
    await removeOld();
    expect((await post(notification)).status).toBe(400);
  });

  it('goes in one turn with all the others, however many they are', async () => {
    const subscriptionId = randomUUID();
    await two.gateway.query(
      `insert into gateway.operation_decisions (subscription_id, operation_id, action, registration, settled, stored_at)
       select $1, gen_random_uuid(), 'ChangePlan', 'default', 'Succeeded', now() - interval '31 days' from generate_series(1, ${2 * ROWS + 1})`,
      [subscriptionId],
    );
    await removeOld();
    expect(await two.gateway.query('select from gateway.operation_decisions where subscription_id = $1', [subscriptionId])).toEqual([]);
  });
});

it('reads as little for the metrics of a scrape however many purchases wait for an operator', async () => {
  await two.gateway.query(
    `insert into gateway.subscription_projections (subscription_id, version, publisher_id, offer_id, is_preview, plan_id, status, stage, access,
            has_setup_failed, beneficiary, purchaser, confirmed_at, confirmed_purchase_id)
     values ($1, 1, 'fabrikam', 'team', false, 'silver', 'PendingFulfillmentStart', 'awaiting-approval', 'none', false, '{}', '{}', now(), $1)`,
    [randomUUID()],
  );
  await manyMore(two.gateway, 'gateway.subscription_projections', { subscription_id: 'gen_random_uuid()' });
  const asked = await scraped(two.gateway, 'gateway.subscription_projections');
  expect(asked.map(({ pages, sql }) => pages < 20 || { pages, sql })).toEqual([true]);
});
