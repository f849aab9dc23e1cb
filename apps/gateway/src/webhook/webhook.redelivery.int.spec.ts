import { randomUUID } from 'node:crypto';
import { downgrade, twoGateways } from '../testing/two.gateways.fixture';
import { decided, ended, firstSeen, payload, until } from '../testing/webhook.fixture';

/** Rows of the table in ARCHITECTURE.md, "What the gateway answers Microsoft": each `describe` is one, named like it. Here are those of redeliveries; the others are in `webhook.answers.int.spec`. */

const fabrikam = { name: 'fabrikam', tenantId: randomUUID(), clientId: randomUUID(), clientSecretFile: '/nowhere' };
const two = twoGateways({ REGISTRATIONS: JSON.stringify([fabrikam]) });
const { post, sentAbout, stored, answersTo, holding, waiting } = two;

describe('redelivery: the recorded answer again while the operation is open', () => {
  it('is published once, however often and however concurrently it is delivered, and answered alike', async () => {
    const notification = payload();
    const taken = () =>
      until(
        () => post(notification),
        ({ status }) => status !== 503,
      ); // a busy machine asks to come again
    const answers = await Promise.all(Array.from({ length: 20 }, taken));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect((await post(notification)).status).toBe(200);
    expect((await sentAbout(notification.id)).map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1']);
    expect(await stored(notification.id)).toHaveLength(1);
  });

  it('a refusal again, on any copy, and published once', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await two.gateway.deliver(decided(notification, 'refused', 'no'), firstSeen(notification, 'InProgress'));
    const answers = [await answering, await post(notification), await post(notification, { url: two.copy.url })];
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([400, '{"reason":"no"}']));
    expect(await answersTo(notification.id)).toHaveLength(1);
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('received'))).toHaveLength(1);
  });

  it('an acceptance again, whatever else is said of it later', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await two.gateway.deliver(decided(notification, 'accepted'));
    expect((await answering).status).toBe(200);
    await two.gateway.deliver({ ...decided(notification, 'refused', 'no') });
    expect((await post(notification)).status).toBe(200);
  });
});

describe('redelivery: the answer did not reach Microsoft', () => {
  it('is reported where it was given more than ten seconds before, as after a crash behind the commit: Microsoft’s ten seconds begin with it', async () => {
    const notification = payload();
    await until(
      () => post(notification),
      ({ status }) => status === 200,
    );
    const age = `update gateway.webhook_deliveries set answered_at = answered_at - interval '10 s' where operation_id = $1`;
    await two.gateway.query(age, [notification.id]);
    expect((await post(notification)).status).toBe(200);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
    await two.gateway.query(age, [notification.id]);
    expect((await post(notification)).status).toBe(200);
    expect(new Set((await answersTo(notification.id, 2)).map(({ id }) => id)).size).toBe(2);
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('received'))).toHaveLength(1);
  });
});

describe('redelivery: 200 once Microsoft has settled the operation', () => {
  it.each(['Succeeded', 'Failed', 'Conflict', 'Vanished', 'Stuck', 'Invisible'] as const)('of one that was refused: %s', async (end) => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await answering).status).toBe(400);
    await two.gateway.deliver(ended(notification, end));
    for (const url of [two.gateway.url, two.copy.url]) expect((await post(notification, { url })).status).toBe(200);
    expect(await answersTo(notification.id)).toHaveLength(1);
  });

  it('of one that was seen ended at the first look, before any decision: at once', async () => {
    const notification = downgrade();
    await two.gateway.deliver(firstSeen(notification, 'Succeeded'));
    expect((await post(notification)).status).toBe(200);
    expect((await post(notification, { url: two.copy.url })).status).toBe(200);
  });
});

describe('redelivery: joins the hold where one is running', () => {
  it('on this copy and on another one, and all get the same decision, which is published once', async () => {
    const notification = downgrade();
    const first = await holding(notification);
    const second = await holding(notification);
    const third = await holding(notification, two.copy);
    await two.copy.deliver(decided(notification, 'refused', 'no'));
    const answers = await Promise.all([first.answering, second.answering, third.answering]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 400 } }]);
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('answered'))).toHaveLength(1);
  });
});

describe('a change at the address of another registration than that of its subscription: nothing that was decided or has ended elsewhere answers it', () => {
  it('it stays undecided, held by any copy and redelivered, and is answered by what is told of it at its own address alone', async () => {
    const notification = downgrade();
    const own = await holding(notification);
    const { tenantId: tid, clientId: aud } = fabrikam;
    two.gateway.identity.addTenant(tid);
    const token = await two.gateway.identity.webhookToken({ tid, aud, iss: two.gateway.identity.issuer('2.0', tid) });
    const elsewhere = () => post(notification, { path: '/webhook/fabrikam', token });
    const first = elsewhere();
    await waiting(2);
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await own.answering).status).toBe(400);
    await two.gateway.deliver(ended(notification, 'Failed'));
    const repeated = elsewhere();
    expect(await waiting(2)).toBe(2); // neither has an answer from what is known at the other address
    await two.gateway.deliver(ended(notification, 'Invisible', 'fabrikam'));
    expect((await Promise.all([first, repeated])).map(({ status, text }) => [status, text])).toEqual(Array(2).fill([200, '']));
    expect((await answersTo(notification.id, 2)).map(({ data }) => [data['registration'], data['status']]).sort()).toEqual([
      ['default', 400],
      ['fabrikam', 200],
    ]);
  });
});

describe('redelivery: finds a decision that came after an undecided 503', () => {
  it('undecided to the limit: 503 with Retry-After, no answer is published; then the refusal is 400, at once and published', async () => {
    const notification = downgrade();
    const undecided = await post(notification);
    expect([undecided.status, Number(undecided.headers.get('retry-after'))]).toEqual([503, expect.any(Number)]);
    expect((await sentAbout(notification.id)).map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1']);
    await two.gateway.query(`update gateway.webhook_deliveries set stored_at = now() where operation_id = $1`, [notification.id]); // whatever the hold took
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await post(notification, { url: two.copy.url })).status).toBe(400);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 400 } }]);
  });

  it('a refusal that was decided when Microsoft had decided by itself, ten seconds after the delivery, is 200: nothing can be refused any more', async () => {
    const notification = downgrade();
    await two.gateway.query(
      `insert into gateway.webhook_deliveries (id, registration, operation_id, action, subscription_id, received_at, stored_at, claims)
       values (gen_random_uuid(), 'default', $1, 'ChangePlan', $2, now(), now() - interval '11 s', '{}')`,
      [notification.id, notification.subscriptionId],
    );
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await post(notification)).status).toBe(200);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
  });
});
