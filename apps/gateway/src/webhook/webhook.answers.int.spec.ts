import { randomUUID } from 'node:crypto';
import { current, downgrade, twoGateways } from '../testing/two.gateways.fixture';
import { counted, decided, ended, payload, until } from '../testing/webhook.fixture';
import { BODY_LIMIT_BYTES } from './webhook.body';

/** Rows of the table in ARCHITECTURE.md, "What the gateway answers Microsoft": each `describe` is one, named like it. Those of redeliveries are in `webhook.redelivery.int.spec`; what moves the clock of the keys is in `webhook.int.spec`. */

const two = twoGateways();
const { post, sentAbout, stored, answersTo, holding, waiting } = two;
const alarms = () => counted({ outcome: ['foreign-audience', 'too-large', 'unreadable', 'unknown-registration'] });

describe('token proven wrong: 401, nothing stored, nothing published', () => {
  it.each([
    ['without a token', async () => null],
    ['with a token of another tenant', () => two.gateway.identity.webhookToken({ tid: randomUUID() })],
    ['with a token of another caller', () => two.gateway.identity.webhookToken({ azp: randomUUID() })],
    ['with an expired token', () => two.gateway.identity.webhookToken({ exp: Math.floor(Date.now() / 1000) - 400 })],
    ['with a forged token', async () => (await two.gateway.identity.webhookToken()).replace(/.{20}$/, 'AAAAAAAAAAAAAAAAAAAA')],
  ])('%s', async (_case, token) => {
    const notification = downgrade();
    const before = await alarms();
    expect((await post(notification, { token: await token() })).status).toBe(401);
    expect([await stored(notification.id), await sentAbout(notification.id), await alarms()]).toEqual([[], [], before]);
  });
});

describe('signature and caller good, audience not ours: 503, claims kept, alarmed', () => {
  it('also of a change that might be refused', async () => {
    const before = await alarms();
    const response = await post(downgrade(), { token: await two.gateway.identity.webhookToken({ aud: 'another-app', uti: 'foreign' }) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
    const rows = await two.gateway.query(`select * from gateway.webhook_deliveries where claims->>'uti' = 'foreign'`);
    expect(rows).toMatchObject([{ answer: 503, encrypted_body: null, claims: { aud: 'another-app' } }]);
    expect(await alarms()).toBe(before + 1);
  });
});

describe('any fault of ours: 503 with Retry-After, never 4xx', () => {
  it('an authentic body over the limit is 503 and alarmed, and one without a token 401', async () => {
    const large = JSON.stringify(downgrade({ padding: 'x'.repeat(BODY_LIMIT_BYTES) }));
    const before = await alarms();
    const answer = await post(large);
    expect([answer.status, answer.headers.get('retry-after'), await alarms()]).toEqual([503, '10', before + 1]);
    expect((await post(large, { token: null })).status).toBe(401);
    expect((await post(downgrade({ action: 'Renew', padding: 'x'.repeat(BODY_LIMIT_BYTES / 2) }))).status).toBe(200);
  });

  it('a database that is away is 503, and nothing is lost of what comes again', async () => {
    const notification = payload();
    await two.gateway.withoutDatabase(async () => {
      const away = await post(notification);
      expect([away.status, away.headers.get('retry-after')]).toEqual([503, '10']);
    });
    const answer = await until(
      () => post(notification),
      ({ status }) => status === 200,
    );
    expect(answer.status).toBe(200);
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('received'))).toHaveLength(1);
  });
});

describe('at the address of a registration that is not set up here: 503', () => {
  it('where it is authentic', async () => {
    const answer = await fetch(`${two.gateway.url}/webhook/nobody`, {
      ...{ method: 'POST', body: '{}', headers: { authorization: `Bearer ${await two.gateway.identity.webhookToken()}` } },
    });
    expect(answer.status).toBe(503);
  });
});

describe('authentic, not JSON, or without id, subscriptionId or action: 200, stored raw, alarmed, its subscription is read', () => {
  it.each([
    ['id', { id: undefined }, 'ChangePlan'],
    ['an id that is one', { id: 'the-first' }, 'ChangePlan'],
    ['action', { action: undefined }, null],
  ])('without %s it is stored as it came and alarmed, and its subscription is read', async (_what, changes, action) => {
    const notification = downgrade(changes);
    const before = await alarms();
    expect((await post(notification)).status).toBe(200);
    expect((await two.gateway.sent()).filter(({ key }) => key === notification.subscriptionId)).toMatchObject([
      { type: 'landfall.gateway.webhook-unreadable.v1', data: { action } },
    ]);
    const [row] = await two.gateway.query('select * from gateway.webhook_deliveries where subscription_id = $1', [
      notification.subscriptionId,
    ]);
    expect(row).toMatchObject({ operation_id: null, answer: 200, encrypted_body: expect.stringMatching(/^ey/) });
    expect(JSON.parse(await two.gateway.decryptedColumn(row!['encrypted_body']))).toEqual(JSON.parse(JSON.stringify(notification)));
    expect(await alarms()).toBe(before + 1);
  });

  it.each([
    ['not JSON', 'hello'],
    ['nothing', ''],
    ['bytes', Buffer.from([0xff, 0xfe, 0])],
    ['without subscriptionId', JSON.stringify(downgrade({ subscriptionId: undefined }))],
  ])('is stored and alarmed when it is %s, and there is nothing to read', async (_case, body) => {
    const [before, sent] = [await two.gateway.query('select from gateway.webhook_deliveries'), await two.gateway.sent()];
    const [count, alarmed] = [sent.length, await alarms()];
    expect((await post(body)).status).toBe(200);
    expect(await two.gateway.query('select from gateway.webhook_deliveries')).toHaveLength(before.length + 1);
    expect([(await two.gateway.sent()).length, await alarms()]).toEqual([count, alarmed + 1]);
  });
});

describe('notify-only action, Reinstate, unknown action: 200 after the commit, never held (pitfall 6)', () => {
  it.each(['Renew', 'Suspend', 'Reinstate', 'Unsubscribe', 'Subscribe', 'Transfer', 'changeplan'])('%s', async (action) => {
    const notification = downgrade({ action });
    expect((await post(notification)).status).toBe(200);
    expect(await stored(notification.id)).toMatchObject([{ answer: 200 }]);
    expect(await sentAbout(notification.id)).toMatchObject([{ data: { action, answeredAt: expect.any(String) } }]);
  });
});

describe('source Partner, our own request: 200, never held', () => {
  it.each(['ChangePlan', 'ChangeQuantity'])('%s', async (action) => {
    const notification = downgrade({ action, quantity: 50, operationRequestSource: 'Partner' });
    expect((await post(notification)).status).toBe(200);
    expect(await stored(notification.id)).toMatchObject([{ answer: 200, answered_at: expect.any(Date) }]);
  });
});

describe('target equals the current value, Microsoft’s revert: 200, before any rule (pitfall 9)', () => {
  it.each<[string, object]>([
    ['of a plan', { planId: 'silver', subscription: current({ planId: 'silver' }) }],
    ['of seats', { action: 'ChangeQuantity', planId: 'gold', quantity: 50, subscription: current({ quantity: 50 }) }],
  ])('%s, by the payload: not held', async (_what, changes) => {
    expect((await post(downgrade(changes))).status).toBe(200);
  });

  it('where only our record shows it, subscription accepts it, and the answer that waits for that is 200', async () => {
    const notification = downgrade({ subscription: undefined });
    const { answering } = await holding(notification);
    await two.gateway.deliver(decided(notification, 'accepted'));
    expect((await answering).status).toBe(200);
  });
});

describe('ChangePlan, ChangeQuantity of an offer without refusing rules, or that the catalog does not name: 200 after the commit', () => {
  it.each<[string, object]>([
    ['an offer without rules', { subscription: current({ offerId: 'mail' }) }],
    ['an offer that the catalog does not name', { subscription: current({ offerId: 'elsewhere' }) }],
    ['seats of a plan without limits', { action: 'ChangeQuantity', quantity: 7, subscription: current({ planId: 'silver' }) }],
  ])('%s', async (_what, changes) => {
    const notification = downgrade(changes);
    expect((await post(notification)).status).toBe(200);
    expect(await stored(notification.id)).toMatchObject([{ answer: 200 }]);
  });
});

describe('ChangePlan, ChangeQuantity where a rule might refuse, or it can’t be told: held for the decision', () => {
  const cases: [string, object][] = [
    ['ChangePlan', {}],
    ['ChangeQuantity', { action: 'ChangeQuantity', quantity: 50 }],
    ['ChangePlan that a product is asked about', { subscription: current({ offerId: 'asked' }) }],
    ['ChangePlan in its minimal form of 2021', { planId: undefined, subscription: undefined, activityId: randomUUID() }],
    ['ChangeQuantity with an offer of empty text', { action: 'ChangeQuantity', quantity: '50', subscription: current({ offerId: '' }) }],
  ];

  it.each(cases)('%s is on disk and published before it is decided, and 200 once it is accepted', async (_what, changes) => {
    const notification = downgrade(changes);
    const { answering } = await holding(notification);
    expect(await stored(notification.id)).toMatchObject([{ answer: null, answered_at: null }]);
    expect((await sentAbout(notification.id)).map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1']);
    await two.gateway.deliver(decided(notification, 'accepted'));
    const answer = await answering;
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
    expect(await stored(notification.id)).toMatchObject([{ answer: 200, answered_at: expect.any(Date) }]);
  });

  it.each(cases)('%s is 400 with the reason once it is refused (pitfall 8)', async (_what, changes) => {
    const notification = downgrade(changes);
    const { answering } = await holding(notification);
    await two.gateway.deliver(decided(notification, 'refused', 'Please keep your plan.'));
    const answer = await answering;
    expect([answer.status, JSON.parse(answer.text)]).toEqual([400, { reason: 'Please keep your plan.' }]);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 400 } }]);
    expect(await stored(notification.id)).toMatchObject([{ answer: 400 }]);
  });

  it('a reason of any length is cut', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await two.gateway.deliver(decided(notification, 'refused', 'x'.repeat(2_000)));
    expect((await answering).text.length).toBeLessThan(600);
  });

  it('an answer held on one copy gets the decision that another one received', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification, two.copy);
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await answering).status).toBe(400);
    expect(await answersTo(notification.id)).toHaveLength(1);
  });

  it('a decision about another action, operation or subscription is none about this one', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    for (const other of [{ action: 'ChangeQuantity' }, { id: randomUUID() }, { subscriptionId: randomUUID() }])
      await two.gateway.deliver(decided({ ...notification, ...other }, 'refused', 'no'));
    await two.gateway.deliver(decided(notification, 'accepted'));
    expect((await answering).status).toBe(200);
  });

  it('where Microsoft has settled it meanwhile, it is 200', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await two.gateway.deliver(ended(notification, 'Succeeded'));
    expect((await answering).status).toBe(200);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
  });

  it('an outage of the database in the middle of the hold is 503, and what comes again is decided', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await two.gateway.withoutDatabase(async () => {
      const answer = await answering;
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
    });
    await two.gateway.deliver(decided(notification, 'refused', 'no'));
    const answer = await until(
      () => post(notification),
      ({ status }) => status !== 503,
    );
    expect(answer.status).toBe(400);
  });

  it('nothing is left of a hold whose caller has gone, and no answer is published', async () => {
    const notification = downgrade();
    const leaving = new AbortController();
    const answering = post(notification, { signal: leaving.signal });
    expect(await waiting(1)).toBe(1);
    leaving.abort();
    await expect(answering).rejects.toThrow();
    expect(await waiting(0)).toBe(0);
    await two.gateway.deliver(decided(notification, 'accepted'));
    expect((await post(notification)).status).toBe(200);
    expect(await answersTo(notification.id)).toHaveLength(1);
  });
});
