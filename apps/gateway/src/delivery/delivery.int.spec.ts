import { randomUUID } from 'node:crypto';
import { Keyring } from '@landfall/service-defaults';
import { gatewayOfOperators } from '../testing/operators.fixture';
import { payload } from '../testing/webhook.fixture';
import { storableBody } from '../webhook/webhook.body';

const { app, get, act } = gatewayOfOperators();

/** A delivery as the webhook stores it. */
async function stored(
  body: Buffer | null,
  of: { operationId?: string | null; action?: string | null; subscriptionId?: string | null } = {},
) {
  const id = randomUUID();
  const { operationId = null, action = null, subscriptionId = null } = of;
  const encrypted = body && (await app.get(Keyring).encryptColumn(storableBody(body)));
  await app.query(
    `insert into gateway.webhook_deliveries (id, registration, operation_id, action, subscription_id, received_at, claims, encrypted_body, answer)
     values ($1, 'default', $2, $3, $4, now() - interval '1 hour', '{}', $5, 200)`,
    [id, operationId, action, subscriptionId, encrypted],
  );
  return id;
}

const asJson = (body: object) => Buffer.from(JSON.stringify(body));
const replay = (id: string, options?: Parameters<typeof act>[1]) => act(`/deliveries/${id}/replay`, options);

it('publishes what a delivery announced once more, once for each act, and keeps who did it and why', async () => {
  const notification = payload();
  const { id: operationId, subscriptionId, action } = notification;
  const id = await stored(asJson(notification), { operationId, subscriptionId, action });
  const key = randomUUID();
  const answers = [await replay(id, { idempotencyKey: key }), await replay(id, { idempotencyKey: key }), await replay(id)];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect(answers[0]!.json()).toMatchObject({ act: 'delivery.replay', actor: 'operator-1', reason: 'a test purchase' });
  const sent = await app.sent();
  expect(sent).toMatchObject(
    Array(2).fill({
      type: 'landfall.gateway.webhook-received.v1',
      key: subscriptionId,
      data: { deliveryId: id, operationId, isReplay: true },
    }),
  );
  expect(new Set(sent.map((message) => message.id)).size).toBe(2);
  expect((await get(`/operator-acts?subject=deliveries/${id}`)).json()).toMatchObject({ items: [{}, {}] });
});

it('does so for one that named no operation, whatever bytes it had', async () => {
  const subscriptionId = randomUUID();
  const id = await stored(asJson({ subscriptionId, action: 'Suspend' }), { subscriptionId });
  expect((await replay(id)).statusCode).toBe(200);
  expect(await app.sent()).toMatchObject([{ type: 'landfall.gateway.webhook-unreadable.v1', data: { deliveryId: id, isReplay: true } }]);
});

it.each([
  ['whose body is not kept', null, expect.stringMatching(/only the claims of its token were stored, or the data of a person was erased/)],
  ['that names no subscription', Buffer.from([0xff, 0xfe, 0x00]), 'It names no subscription, so there is nothing to ask Microsoft about'],
])('refuses a delivery %s', async (_what, body, detail) => {
  const answer = await replay(await stored(body));
  expect([answer.statusCode, answer.json()]).toEqual([409, expect.objectContaining({ code: 'REFUSED', detail })]);
  expect(await app.sent()).toEqual([]);
});

it('refuses a delivery whose key is no longer in the keyring, and says what to do', async () => {
  const id = await stored(asJson(payload()), { subscriptionId: randomUUID() });
  const [row] = await app.query<{ encrypted_body: string }>('select encrypted_body from gateway.webhook_deliveries where id = $1', [id]);
  const [header, ...rest] = row!.encrypted_body.split('.');
  const protectedHeader = JSON.parse(Buffer.from(header!, 'base64url').toString()) as object;
  const gone = Buffer.from(JSON.stringify({ ...protectedHeader, kid: 'gateway.data.2020-01-01' })).toString('base64url');
  await app.query('update gateway.webhook_deliveries set encrypted_body = $1 where id = $2', [[gone, ...rest].join('.'), id]);
  const answer = await replay(id);
  expect([answer.statusCode, answer.json()]).toMatchObject([
    409,
    { code: 'REFUSED', detail: expect.stringContaining('Put that key back') },
  ]);
});

it.each([
  ['no reason', {}, 'reason: '],
  ['an empty reason', { reason: '  ' }, 'reason: '],
  ['a reason and something unknown', { reason: 'x', force: true }, 'force'],
])('answers 400 to a replay with %s, and replays nothing', async (_what, body, said) => {
  const notification = payload();
  const id = await stored(asJson(notification), { subscriptionId: notification.subscriptionId });
  const answer = await replay(id, { body });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8']);
  expect(answer.json<{ errors: string[] }>().errors).toEqual([expect.stringContaining(said)]);
  expect(await app.sent()).toEqual([]);
});

it('is found by its subscription, and shown without its body; an unknown one is 404', async () => {
  const notification = payload();
  const { id: operationId, subscriptionId, action } = notification;
  const id = await stored(asJson(notification), { operationId, subscriptionId, action });
  const shown = {
    id,
    registration: 'default',
    subscriptionId,
    operationId,
    action,
    receivedAt: expect.any(String),
    answer: 200,
    answeredAt: null,
  };
  expect((await get(`/deliveries?subscriptionId=${subscriptionId.toUpperCase()}`)).json()).toEqual({ items: [shown], next: null });
  expect((await get(`/deliveries/${id}`)).json()).toEqual(shown);
  expect((await get(`/deliveries?subscriptionId=${randomUUID()}`)).json()).toEqual({ items: [], next: null });
  for (const answer of [await get(`/deliveries/${randomUUID()}`), await replay(randomUUID())])
    expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
      404,
      expect.stringMatching(/^No delivery [0-9a-f-]{36} is stored. Deliveries are kept for 30 days/),
    ]);
});

it('are listed page by page, the newest first', async () => {
  const subscriptionId = randomUUID();
  const ids = [await stored(null, { subscriptionId }), await stored(null, { subscriptionId }), await stored(null, { subscriptionId })];
  await app.query(`update gateway.webhook_deliveries set received_at = now() - interval '2 hours' where id = $1`, [ids[0]]);
  const url = `/deliveries?subscriptionId=${subscriptionId}&limit=2`;
  const first = (await get(url)).json<{ items: { id: string }[]; next: string }>();
  const second = (await get(`${url}&after=${encodeURIComponent(first.next)}`)).json<{ items: { id: string }[]; next: null }>();
  expect([first.items.map(({ id }) => id).sort(), second]).toMatchObject([
    [ids[1], ids[2]].sort(),
    { items: [{ id: ids[0] }], next: null },
  ]);
});

it.each([
  ...['/deliveries', '/deliveries?subscriptionId=acme', '/deliveries/acme'],
  ...['limit=0', 'limit=201', 'after=x'].map((wrong) => `/deliveries?subscriptionId=0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01&${wrong}`),
])('answers 400 to GET %s', async (url) => {
  expect((await get(url)).statusCode).toBe(400);
});

it('is for operators alone', async () => {
  const id = await stored(null);
  const reader = await app.bearer('landfall.read', 'reader-1');
  expect((await replay(id, { authorization: reader })).statusCode).toBe(403);
  expect((await app.management({ url: `/deliveries/${id}` })).statusCode).toBe(401);
});
