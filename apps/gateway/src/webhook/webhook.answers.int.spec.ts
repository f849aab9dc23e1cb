import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { decided, ended, firstSeen, payload, until, webhooksOf, type Payload } from '../testing/webhook.fixture';
import { HeldAnswers } from './webhook.hold';

/** Rows of the table in ARCHITECTURE.md, "What the gateway answers Microsoft": each `describe` is one, named like it. What moves the clock of the keys is in `webhook.int.spec`. */

const catalog = `
publishers:
  fabrikam:
    offers:
      team: { displayName: Team, noDowngrade: [silver, gold], plans: { silver: {}, gold: { seats: { max: 10 } } } }
      mail: { displayName: Mail, plans: { silver: {}, gold: {} } }
`;
/** Longer than any decision of this file takes, also on a busy machine. */
const HOLD_LIMIT = 'PT9S';

const dir = mkdtempSync(join(tmpdir(), 'landfall-answers-'));
let gateway: TestGateway;
let copy: Awaited<ReturnType<TestGateway['copy']>>;
beforeAll(async () => {
  const file = join(dir, 'catalog.yaml');
  writeFileSync(file, catalog);
  gateway = await startGateway({ CATALOG_FILE: file, WEBHOOK_HOLD_LIMIT: HOLD_LIMIT });
  copy = await gateway.copy();
});
afterAll(async () => {
  await gateway.close();
  rmSync(dir, { recursive: true });
});

const { post, sentAbout, stored, answersTo } = webhooksOf(() => gateway);

const current = (changes: object = {}) => ({ publisherId: 'fabrikam', offerId: 'team', planId: 'gold', quantity: 5, ...changes });
/** A change that a rule might refuse. */
const downgrade = (changes: object = {}) =>
  payload({ publisherId: undefined, offerId: undefined, planId: 'silver', subscription: current(), ...changes });

const held = (where: { get: TestGateway['get'] } = gateway) => where.get(HeldAnswers).size;
const waiting = (count: number, where: { get: TestGateway['get'] } = gateway) =>
  until(
    () => held(where),
    (size) => size === count,
  );
afterEach(() => expect([held(), held(copy)]).toEqual([0, 0]));

/** Without waiting for the answer: a promise within an object is not awaited. */
async function holding(notification: Payload, where: { get: TestGateway['get']; url: string } = gateway) {
  const before = held(where);
  const answering = post(notification, { url: where.url });
  expect(await waiting(before + 1, where)).toBe(before + 1);
  return { answering };
}

describe('token proven wrong: 401, nothing stored, nothing published', () => {
  it.each([
    ['without a token', async () => null],
    ['with a token of another tenant', () => gateway.identity.webhookToken({ tid: randomUUID() })],
    ['with a token of another caller', () => gateway.identity.webhookToken({ azp: randomUUID() })],
    ['with an expired token', () => gateway.identity.webhookToken({ exp: Math.floor(Date.now() / 1000) - 400 })],
    ['with a forged token', async () => (await gateway.identity.webhookToken()).replace(/.{20}$/, 'AAAAAAAAAAAAAAAAAAAA')],
  ])('%s', async (_case, token) => {
    const notification = downgrade();
    expect((await post(notification, { token: await token() })).status).toBe(401);
    expect([await stored(notification.id), await sentAbout(notification.id)]).toEqual([[], []]);
  });
});

describe('signature and caller good, audience not ours: 503, claims kept', () => {
  it('also of a change that might be refused', async () => {
    const response = await post(downgrade(), { token: await gateway.identity.webhookToken({ aud: 'another-app', uti: 'foreign' }) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
    const rows = await gateway.query(`select * from gateway.webhook_deliveries where claims->>'uti' = 'foreign'`);
    expect(rows).toMatchObject([{ answer: 503, encrypted_body: null, claims: { aud: 'another-app' } }]);
  });
});

describe('any fault of ours: 503 with Retry-After, never 4xx', () => {
  it('an authentic body over the limit is 503, and one without a token 401', async () => {
    const large = 'x'.repeat(300 * 1024);
    expect((await post(large)).status).toBe(503);
    expect((await post(large, { token: null })).status).toBe(401);
  });

  it('a database that is away is 503, and nothing is lost of what comes again', async () => {
    const notification = payload();
    await gateway.withoutDatabase(async () => {
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
    const answer = await fetch(`${gateway.url}/webhook/nobody`, {
      ...{ method: 'POST', body: '{}', headers: { authorization: `Bearer ${await gateway.identity.webhookToken()}` } },
    });
    expect(answer.status).toBe(503);
  });
});

describe('authentic, not JSON, or without id, subscriptionId or action: 200, stored raw, its subscription is read', () => {
  it('is stored as it came, and its subscription is read', async () => {
    const { id, ...rest } = downgrade();
    expect((await post(rest)).status).toBe(200);
    expect((await gateway.sent()).filter(({ key }) => key === rest.subscriptionId)).toMatchObject([
      { type: 'landfall.gateway.webhook-unreadable.v1', data: { action: 'ChangePlan' } },
    ]);
    const [row] = await gateway.query('select * from gateway.webhook_deliveries where subscription_id = $1', [rest.subscriptionId]);
    expect(row).toMatchObject({ operation_id: null, answer: 200, encrypted_body: expect.stringMatching(/^ey/) });
    expect(id).toBeTruthy();
  });

  it.each([
    ['not JSON', 'hello'],
    ['nothing', ''],
    ['bytes', Buffer.from([0xff, 0xfe, 0])],
  ])('is stored when it is %s', async (_case, body) => {
    const before = await gateway.query('select from gateway.webhook_deliveries');
    expect((await post(body)).status).toBe(200);
    expect(await gateway.query('select from gateway.webhook_deliveries')).toHaveLength(before.length + 1);
  });
});

describe('notify-only action, Reinstate, unknown action: 200 after the commit, never held (pitfall 6)', () => {
  it.each(['Renew', 'Suspend', 'Reinstate', 'Unsubscribe', 'Subscribe', 'Transfer', 'changeplan'])('%s', async (action) => {
    const notification = downgrade({ action });
    expect((await post(notification)).status).toBe(200);
    expect(await stored(notification.id)).toMatchObject([{ answer: 200 }]);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200, action } }]);
  });
});

describe('source Partner, our own request: 200, never held', () => {
  it.each(['ChangePlan', 'ChangeQuantity'])('%s', async (action) => {
    const notification = downgrade({ action, quantity: 50, operationRequestSource: 'Partner' });
    expect((await post(notification)).status).toBe(200);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
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
    await gateway.deliver(decided(notification, 'accepted'));
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
    ['ChangePlan in its minimal form of 2021', { planId: undefined, subscription: undefined, activityId: randomUUID() }],
    ['ChangeQuantity with an offer of empty text', { action: 'ChangeQuantity', quantity: '50', subscription: current({ offerId: '' }) }],
  ];

  it.each(cases)('%s is on disk and published before it is decided, and 200 once it is accepted', async (_what, changes) => {
    const notification = downgrade(changes);
    const { answering } = await holding(notification);
    expect(await stored(notification.id)).toMatchObject([{ answer: null, answered_at: null }]);
    expect((await sentAbout(notification.id)).map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1']);
    await gateway.deliver(decided(notification, 'accepted'));
    const answer = await answering;
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
    expect(await stored(notification.id)).toMatchObject([{ answer: 200, answered_at: expect.any(Date) }]);
  });

  it.each(cases)('%s is 400 with the reason once it is refused (pitfall 8)', async (_what, changes) => {
    const notification = downgrade(changes);
    const { answering } = await holding(notification);
    await gateway.deliver(decided(notification, 'refused', 'Please keep your plan.'));
    const answer = await answering;
    expect([answer.status, JSON.parse(answer.text)]).toEqual([400, { reason: 'Please keep your plan.' }]);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 400 } }]);
    expect(await stored(notification.id)).toMatchObject([{ answer: 400 }]);
  });

  it('a reason of any length is cut', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await gateway.deliver(decided(notification, 'refused', 'x'.repeat(5_000)));
    expect((await answering).text.length).toBeLessThan(600);
  });

  it('an answer held on one copy gets the decision that another one received', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification, copy);
    await gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await answering).status).toBe(400);
    expect(await answersTo(notification.id)).toHaveLength(1);
  });

  it('a decision about another action, operation or subscription is none about this one', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    for (const other of [{ action: 'ChangeQuantity' }, { id: randomUUID() }, { subscriptionId: randomUUID() }])
      await gateway.deliver(decided({ ...notification, ...other }, 'refused', 'no'));
    await gateway.deliver(decided(notification, 'accepted'));
    expect((await answering).status).toBe(200);
  });

  it('where Microsoft has settled it meanwhile, it is 200', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await gateway.deliver(ended(notification, 'Succeeded'));
    expect((await answering).status).toBe(200);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
  });

  it('an outage of the database in the middle of the hold is 503, and what comes again is decided', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await gateway.withoutDatabase(async () => {
      const answer = await answering;
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
    });
    await gateway.deliver(decided(notification, 'refused', 'no'));
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
    await gateway.deliver(decided(notification, 'accepted'));
    expect((await post(notification)).status).toBe(200);
    expect(await answersTo(notification.id)).toHaveLength(1);
  });
});

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
    await answersTo(notification.id);
    expect((await sentAbout(notification.id)).map(({ type }) => type)).toEqual([
      'landfall.gateway.webhook-received.v1',
      'landfall.gateway.webhook-answered.v1',
    ]);
    expect(await stored(notification.id)).toHaveLength(1);
  });

  it('a refusal again, on any copy, and published once', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await gateway.deliver(decided(notification, 'refused', 'no'), firstSeen(notification, 'InProgress'));
    const answers = [await answering, await post(notification), await post(notification, { url: copy.url })];
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([400, '{"reason":"no"}']));
    expect(await answersTo(notification.id)).toHaveLength(1);
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('received'))).toHaveLength(1);
  });

  it('an acceptance again, whatever else is said of it later', async () => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await gateway.deliver(decided(notification, 'accepted'));
    expect((await answering).status).toBe(200);
    await gateway.deliver({ ...decided(notification, 'refused', 'no') });
    expect((await post(notification)).status).toBe(200);
  });
});

describe('redelivery: 200 once Microsoft has settled the operation', () => {
  it.each(['Succeeded', 'Failed', 'Conflict', 'Vanished', 'Stuck', 'Invisible'] as const)('of one that was refused: %s', async (end) => {
    const notification = downgrade();
    const { answering } = await holding(notification);
    await gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await answering).status).toBe(400);
    await gateway.deliver(ended(notification, end));
    for (const url of [gateway.url, copy.url]) expect((await post(notification, { url })).status).toBe(200);
    expect(await answersTo(notification.id)).toHaveLength(1);
  });

  it('of one that was seen ended at the first look, before any decision: at once', async () => {
    const notification = downgrade();
    await gateway.deliver(firstSeen(notification, 'Succeeded'));
    expect((await post(notification)).status).toBe(200);
    expect((await post(notification, { url: copy.url })).status).toBe(200);
  });
});

describe('redelivery: joins the hold where one is running', () => {
  it('on this copy and on another one, and all get the same decision, which is published once', async () => {
    const notification = downgrade();
    const first = await holding(notification);
    const second = await holding(notification);
    const third = await holding(notification, copy);
    await copy.deliver(decided(notification, 'refused', 'no'));
    const answers = await Promise.all([first.answering, second.answering, third.answering]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 400 } }]);
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('answered'))).toHaveLength(1);
  });
});

describe('redelivery: finds a decision that came after an undecided 503', () => {
  it('a refusal that was decided when Microsoft had decided by itself, ten seconds after the delivery, is 200: nothing can be refused any more', async () => {
    const notification = downgrade();
    await gateway.query(
      `insert into gateway.webhook_deliveries (id, registration, operation_id, action, subscription_id, received_at, stored_at, claims)
       values (gen_random_uuid(), 'default', $1, 'ChangePlan', $2, now(), now() - interval '11 s', '{}')`,
      [notification.id, notification.subscriptionId],
    );
    await gateway.deliver(decided(notification, 'refused', 'no'));
    expect((await post(notification)).status).toBe(200);
    expect(await answersTo(notification.id)).toMatchObject([{ data: { status: 200 } }]);
  });
});
