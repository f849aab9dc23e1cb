import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '@landfall/testing';
import { Keyring } from '@landfall/service-defaults';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { configurePublicEndpoint } from '../public-endpoint';
import { CLIENT, TestIdentity } from '../testing/identity.fixture';
import { payload } from '../testing/webhook.fixture';
import { storableBody } from '../webhook/webhook.body';

let identity: TestIdentity;
let app: TestApp;
let authorization: string;
beforeAll(async () => {
  identity = await TestIdentity.start();
  const env = {
    ...{ ENTRA_AUTHORITY_URL: identity.url, PUBLISHER_TENANT_ID: identity.tenantId, PUBLISHER_CLIENT_ID: 'publisher-client' },
    ...{ SIGNIN_AUTHORITY_URL: `${identity.url}/common/v2.0`, SIGNIN_CLIENT_ID: CLIENT.id, SIGNIN_CLIENT_SECRET: CLIENT.secret },
  };
  app = await startTestApp(AppModule, { schema, migrations, env, configure: configurePublicEndpoint, hasPublicPort: true });
  authorization = await app.bearer('landfall.operate', 'operator-1');
}, 120_000);
afterAll(async () => {
  await app?.stop();
  await identity.stop();
});

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
const get = (url: string) => app.management({ url, headers: { authorization } });
const replay = (id: string, idempotencyKey: string = randomUUID()) =>
  app.management({
    ...{ method: 'POST' as const, url: `/deliveries/${id}/replay` },
    ...{ headers: { authorization, 'idempotency-key': idempotencyKey }, payload: { reason: 'Its record differs.' } },
  });

it('publishes what a delivery announced once more, once for each act, and keeps who did it and why', async () => {
  const notification = payload();
  const { id: operationId, subscriptionId, action } = notification;
  const id = await stored(asJson(notification), { operationId, subscriptionId, action });
  const key = randomUUID();
  const answers = [await replay(id, key), await replay(id, key), await replay(id)];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  expect(answers[0]!.json()).toMatchObject({ act: 'delivery.replay', actor: 'operator-1', reason: 'Its record differs.' });
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
  ['whose body was not kept', null],
  ['that names no subscription', Buffer.from([0xff, 0xfe, 0x00])],
])('refuses a delivery %s', async (_what, body) => {
  const answer = await replay(await stored(body));
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'REFUSED']);
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
  expect((await get(`/deliveries?subscriptionId=${subscriptionId.toUpperCase()}`)).json()).toEqual([shown]);
  expect((await get(`/deliveries/${id}`)).json()).toEqual(shown);
  expect((await get(`/deliveries/${randomUUID()}`)).statusCode).toBe(404);
  expect((await replay(randomUUID())).statusCode).toBe(404);
});

it('is for operators alone', async () => {
  const id = await stored(null);
  const reader = await app.bearer('landfall.read', 'reader-1');
  const headers = { authorization: reader, 'idempotency-key': randomUUID() };
  expect((await app.management({ method: 'POST', url: `/deliveries/${id}/replay`, headers, payload: { reason: 'x' } })).statusCode).toBe(
    403,
  );
  expect((await app.management({ url: `/deliveries/${id}` })).statusCode).toBe(401);
});
