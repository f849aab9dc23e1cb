import { randomUUID } from 'node:crypto';
import { subscriptionContactErased } from '@landfall/contracts';
import { Keyring } from '@landfall/service-defaults';
import { columnsWith, plantInMessages, startTestApp, type TestApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { configurePublicEndpoint } from '../public-endpoint';
import { CLIENT, TestIdentity } from '../testing/identity.fixture';

let identity: TestIdentity;
let app: TestApp;
beforeAll(async () => {
  identity = await TestIdentity.start();
  const env = {
    ...{ ENTRA_AUTHORITY_URL: identity.url, PUBLISHER_TENANT_ID: identity.tenantId, PUBLISHER_CLIENT_ID: 'publisher-client' },
    ...{ SIGNIN_AUTHORITY_URL: `${identity.url}/common/v2.0`, SIGNIN_CLIENT_ID: CLIENT.id, SIGNIN_CLIENT_SECRET: CLIENT.secret },
  };
  app = await startTestApp(AppModule, { schema, migrations, env, configure: configurePublicEndpoint, hasPublicPort: true });
});
afterAll(async () => {
  await app?.stop();
  await identity.stop();
});

it('erases a person from every table of this service, signs them out, and says so', async () => {
  const [subscriptionId, email] = [randomUUID(), 'grace@fabrikam.example'];
  const person = { tenantId: randomUUID(), objectId: randomUUID() };
  const encrypted = await app.get(Keyring).encryptColumn(JSON.stringify({ email, name: 'Grace Hopper' }));
  await app.query(
    `insert into gateway.sessions (id_hash, tenant_id, object_id, encrypted_profile, expires_at) values ($1, $2, $3, $4, now() + interval '1 hour')`,
    [Buffer.from('session'), person.tenantId, person.objectId, encrypted],
  );
  await app.query(
    `insert into gateway.webhook_deliveries (id, registration, subscription_id, received_at, claims, encrypted_body, answer)
     values ($1, 'default', $2, now(), '{}', $3, 200)`,
    [randomUUID(), subscriptionId, encrypted],
  );
  await app.query(
    `insert into gateway.operation_decisions (subscription_id, operation_id, action, registration, verdict, reason, decided_at)
     values ($1, $2, 'ChangePlan', 'default', 'refused', $3, now())`,
    [subscriptionId, randomUUID(), `not for ${email}`],
  );
  await plantInMessages(app, schema, subscriptionId, email);
  expect(await columnsWith(app, email)).toHaveLength(8);
  await app.sent();

  const erasure = { erasureId: randomUUID(), ...person };
  await app.deliver(subscriptionContactErased({ ...erasure, subscriptionIds: [subscriptionId] }));
  while ((await app.perform()) > 0);
  expect(await columnsWith(app, email)).toEqual([]);
  expect(await app.sent()).toMatchObject([{ type: 'landfall.gateway.contact-erased.v1', data: erasure }]);
  expect(await app.query('select subscription_id as id, encrypted_body as body from gateway.webhook_deliveries')).toEqual([
    { id: subscriptionId, body: null },
  ]);
});
