import { activationFailed, subscriptionSnapshots, type DataOf, type readSubscription, type ShownSnapshot } from '@landfall/contracts';
import { TopicAdministration } from '@landfall/messaging';
import { Keyring, register } from '@landfall/service-defaults';
import { testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module';
import { migrations, schema } from './migrations';
import { NightlySnapshots } from './snapshot/nightly.snapshots';
import { aRead, at, confirmed, observed, ordered, resolved, settled, tenantReadyFor, verified } from './testing/subscription.builders';

const app = testApp(AppModule, { schema, migrations });

const kinds = async (): Promise<string[]> => (await app.sent()).map(({ type }) => type.replace(/^landfall\.|\.v1$/g, ''));

/** Another subscription for each spec, so that they share one database. */
const another = (changes: Partial<ShownSnapshot> = {}) => {
  const subscriptionId = randomUUID();
  const read = (second: number, later: Partial<ShownSnapshot> = {}) => aRead(second, { subscriptionId, ...changes, ...later });
  /** Microsoft calls a move to a plan Succeeded. */
  const moved = (second: number, planId: string) =>
    verified({
      ...{ subscriptionId, operationId: randomUUID(), action: 'ChangePlan', planId, operationStatus: 'Succeeded' },
      ...{ timeStamp: at(second - 2), operationDate: at(second), read: read(second) },
    });
  return { subscriptionId, read, moved };
};

it('says every snapshot again from the table, with the sequence, the cause and the dates of the last change', async () => {
  const { subscriptionId, read, moved } = another();
  await app.deliver(observed(read(5)), moved(20, 'gold'));
  const said = (await app.sent()).filter(({ type, key }) => type === 'landfall.subscription.snapshot.v1' && key === subscriptionId).at(-1)!;
  const by = { actor: 'operator-1', reason: 'the topic was made again', idempotencyKey: 'rebuild-1', correlationId: 'c' };
  const topics = app.nest.get(TopicAdministration, { strict: false });
  await expect(topics.rebuild(subscriptionSnapshots.name, 'x', { ...by, idempotencyKey: 'rebuild-0' })).rejects.toThrow('no `after.next`');
  await topics.rebuild(subscriptionSnapshots.name, undefined, by);
  const again = (await app.sent()).find(({ key }) => key === subscriptionId)!;
  expect(said.data).toMatchObject({ effectiveBetween: { to: at(20) } });
  expect(again).toMatchObject({ type: said.type, sequence: said.sequence, data: said.data });
});

describe('each night', () => {
  const snapshotsSent = async () =>
    (await app.sent()).filter(({ type }) => type === 'landfall.subscription.snapshot.v1').map(({ key, sequence }) => `${key} ${sequence}`);
  const tomorrow = () => app.query(`update subscription.snapshot_runs set day = day - 2, ended_at = ended_at - interval '2 days'`);
  const nights = () =>
    app.query<{ messages: number; isEnded: boolean }>(
      `select messages, ended_at is not null as "isEnded" from subscription.snapshot_runs order by day desc`,
    );

  it('sends every snapshot again, once whichever copies do it, and goes on after a crash where it was', async () => {
    const ids = [another(), another(), another()];
    for (const { read, moved } of ids) await app.deliver(observed(read(5)), moved(20, 'gold'));
    await app.sent();
    const nightly = app.get(NightlySnapshots);
    const send = (copy = nightly) => copy.sendPage(2, 0);
    await nightly.begin();
    expect([await send(), await snapshotsSent()]).toEqual([false, []]); // tonight has not come
    await tomorrow();
    const other = (await app.copy()).get(NightlySnapshots);
    await Promise.all([nightly.begin(), other.begin()]);
    expect([await send(), await nightly.sendPage(2, 3_600_000)]).toEqual([true, false]); // at its pace, whichever copy
    const first = await snapshotsSent();
    expect([first.length, (await nights())[0]]).toEqual([2, { messages: 2, isEnded: false }]);
    await tomorrow(); // it has not ended, so that no other begins
    await nightly.begin();
    const sent = [...first];
    while (((await Promise.all([send(), send(other)])) as boolean[]).includes(true)) sent.push(...(await snapshotsSent()));
    const rows = await app.query<{ key: string }>(`select id || ' ' || sequence as key from subscription.subscriptions`);
    expect(sent.sort()).toEqual(rows.map(({ key }) => key).sort());
    expect((await nights())[0]).toEqual({ messages: rows.length, isEnded: true });
    expect(await register.metrics()).toMatch(/^subscription_last_snapshots_seconds \d/m);
  });
});

describe('the record', () => {
  beforeEach(() => app.sent()); // what the spec before has emitted

  it('changes the plan once, however often Kafka delivers the message', async () => {
    const { subscriptionId, read } = another();
    await app.deliver(observed(read(5)));
    await app.sent();
    const succeeded = { action: 'ChangePlan', planId: 'gold', operationStatus: 'Succeeded' } as const;
    const message = verified({ ...succeeded, subscriptionId, operationId: randomUUID(), read: read(20) });
    await app.deliver(message);
    await app.deliver(message);
    expect(await app.sent()).toMatchObject([
      { type: 'landfall.subscription.operation-decided.v1', data: { verdict: 'accepted' } },
      { type: 'landfall.subscription.plan-changed.v1', data: { previous: { planId: 'silver' }, current: { planId: 'gold' } } },
      { type: 'landfall.subscription.snapshot.v1', data: { planId: 'gold' } },
      { type: 'landfall.fulfillment.read-subscription.v1', data: { order: 3, closes: [{ member: 'plan', change: 1 }] } },
    ]);
  });

  it('decides an operation once, whoever saw it (rule 4), also after it was read back from the database', async () => {
    const { subscriptionId, read } = another();
    const operation = { subscriptionId, operationId: randomUUID(), action: 'ChangePlan', planId: 'gold' };
    await app.deliver(observed(read(5)), verified({ ...operation, read: read(20) }));
    await app.sent();
    await app.deliver(verified({ ...operation, read: read(25) }));
    expect(await app.sent()).toEqual([]);
    await app.deliver(settled({ ...operation, read: read(30) }));
    expect(await kinds()).toEqual(['subscription.plan-changed', 'subscription.snapshot', 'fulfillment.read-subscription']);
    await app.deliver(settled({ ...operation, read: read(31) }));
    expect(await app.sent()).toEqual([]);
  });

  it('keeps a member shut across the database until its closing read, and then takes what it shows (rule 2)', async () => {
    const { read, moved } = another();
    await app.deliver(observed(read(5)), moved(20, 'gold'));
    const order = (await app.sent()).findLast(({ type }) => type === 'landfall.fulfillment.read-subscription.v1')!;
    await app.deliver(observed(read(40)));
    expect(await app.sent()).toEqual([]);
    await app.deliver(ordered(read(180, { planId: 'platinum' }), order.data as DataOf<typeof readSubscription>));
    expect(await kinds()).toEqual(['subscription.plan-changed', 'subscription.snapshot', 'fulfillment.read-subscription']);
  });

  it('finds nothing changed when it reads back what it wrote', async () => {
    const { read } = another();
    await app.deliver(observed(read(5)));
    await app.sent();
    await app.deliver(observed(read(50)));
    expect(await app.sent()).toEqual([]);
  });

  it('lets no read that shows nothing new make a waiting set-up look younger: its age is what alarms', async () => {
    const { subscriptionId, read } = another({ status: 'PendingFulfillmentStart', term: undefined });
    const isYoung = async () => {
      const [row] = await app.query<{ young: boolean }>(
        `select changed_at > now() - interval '1 hour' as young from subscription.subscriptions where id = $1`,
        [subscriptionId],
      );
      return row!.young;
    };
    await app.deliver(observed(read(5)));
    await app.query(`update subscription.subscriptions set changed_at = now() - interval '3 days' where id = $1`, [subscriptionId]);
    await app.deliver(observed(read(50)));
    expect(await isYoung()).toBe(false);
    await app.deliver(observed(read(60, { autoRenew: false })));
    expect(await isYoung()).toBe(true);
  });

  it('keeps Unsubscribed for ever: the database itself refuses to revive it (rule 3)', async () => {
    const { subscriptionId, read } = another({ status: 'Unsubscribed' });
    await app.deliver(observed(read(5)));
    await app.deliver(observed(read(50, { status: 'Subscribed' })));
    const revive = app.query(`update subscription.subscriptions set status = 'Subscribed', access = 'full' where id = $1`, [
      subscriptionId,
    ]);
    await expect(revive).rejects.toThrow('nothing revives it');
  });

  it('lets the end of a subscription bypass its dead letters', async () => {
    const { subscriptionId, read, moved } = another();
    await app.deliver(observed(read(5)));
    await app.tryDeliver(moved(10, 'go\u0000ld')); // Postgres stores no such text
    await app.tryDeliver(moved(15, 'gold'));
    expect(await app.blockedKeys()).toMatchObject([{ key: subscriptionId, messages: 2 }]);
    await app.sent();
    await app.deliver(observed(read(20, { status: 'Unsubscribed' })));
    expect(await kinds()).toEqual(['subscription.unsubscribed', 'subscription.snapshot', 'fulfillment.read-subscription']);
  });

  it('waits with a confirmation that overtook its purchase, and goes on when that has come', async () => {
    const { subscriptionId, read } = another({ status: 'PendingFulfillmentStart', term: undefined });
    await app.deliver(confirmed(subscriptionId));
    expect(await app.sent()).toEqual([]);
    await app.deliver(resolved(read(5)));
    await app.redeliver();
    expect(await kinds()).toEqual([
      'subscription.purchased',
      'subscription.snapshot',
      'subscription.purchase-registered',
      'subscription.confirmed',
      'subscription.snapshot',
      'subscription.provisioning-requested',
    ]);
    expect((await app.blockedKeys()).filter(({ key }) => key === subscriptionId)).toEqual([]);
  });

  it('keeps who bought encrypted, and nowhere else', async () => {
    const { subscriptionId, read } = another({ status: 'PendingFulfillmentStart', term: undefined });
    const contact = JSON.stringify({ email: 'grace@fabrikam.example', name: 'Grace Hopper' });
    const encryptedContact = await app.get(Keyring).encryptFor('subscription', contact);
    await app.deliver(resolved(read(5)));
    await app.deliver(confirmed(subscriptionId, encryptedContact));
    const [row] = await app.query<{ encrypted: string }>(`select encrypted from subscription.contacts where subscription_id = $1`, [
      subscriptionId,
    ]);
    expect(await app.get(Keyring).decryptColumn(row!.encrypted)).toBe(contact);
    expect(JSON.stringify(await app.sent())).not.toContain('grace');
    expect(JSON.stringify(await app.query(`select * from subscription.contacts, subscription.transitions`))).not.toContain('grace');
  });

  it('shows how long the oldest set-up that failed has been waiting, and asks the database once for all ages of a scrape', async () => {
    const { subscriptionId, read } = another({ status: 'PendingFulfillmentStart', term: undefined });
    await app.deliver(resolved(read(5)));
    await app.deliver(confirmed(subscriptionId));
    await app.deliver(tenantReadyFor(2, subscriptionId));
    await app.deliver(activationFailed({ subscriptionId, reason: 'Microsoft answered 400', failedAt: at(70) }));
    await app.query(`update subscription.subscriptions set changed_at = now() - interval '100 days' where id = $1`, [subscriptionId]);

    const query = jest.spyOn(app.get(DataSource), 'query');
    const scrape = await register.metrics();
    const asked = query.mock.calls.filter(([sql]) => sql.includes('from subscription.subscriptions'));
    query.mockRestore();
    expect(scrape).toMatch(/^subscription_oldest_failed_seconds 86400\d\d/m);
    expect(scrape).toMatch(/^subscription_oldest_setup_seconds 86400\d\d/m);
    expect(scrape).toMatch(/^subscription_oldest_unserved_seconds \d/m);
    expect(asked).toHaveLength(1);
  });

  it('shows an operator its state and how it came to it, behind a bearer token', async () => {
    const { subscriptionId, read } = another({ status: 'PendingFulfillmentStart', term: undefined });
    await app.deliver(resolved(read(5)));
    await app.deliver(confirmed(subscriptionId));
    await app.deliver(tenantReadyFor(2, subscriptionId));
    await app.deliver(activationFailed({ subscriptionId, reason: 'Microsoft answered 400', failedAt: at(70) }));

    const url = `/subscriptions/${subscriptionId}`;
    expect((await app.http({ method: 'GET', url })).statusCode).toBe(401);
    const headers = { authorization: await app.bearer('landfall.read') };
    const answer = await app.http({ method: 'GET', url, headers });
    expect(answer.json()).toMatchObject({
      subscriptionId,
      status: 'PendingFulfillmentStart',
      stage: 'activating',
      access: 'none',
      failureReason: 'activation failed: Microsoft answered 400',
      sequence: 4,
    });
    const history = (await app.http({ method: 'GET', url: `${url}/history`, headers })).json<{ items: { event: string }[] }>();
    expect(history.items.map(({ event }) => event.replace(/^landfall\.subscription\.|\.v1$/g, ''))).toEqual([
      'purchased',
      'confirmed',
      'provisioned',
      'updated',
    ]);
    expect((await app.http({ method: 'GET', url: `/subscriptions/${randomUUID()}`, headers })).statusCode).toBe(404);
    expect((await app.http({ method: 'GET', url: '/subscriptions/nonsense', headers })).statusCode).toBe(400);
  });
});
