import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { call, Publisher } from '../../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start();
});

afterEach(() => publisher.stop());

/** The claims of the newest webhook's token, checked as a publisher has to check it (contract 2.3). */
async function claimsOfAWebhook(version: 'v1' | 'v2') {
  const id = await publisher.subscribe();
  await publisher.control('POST', `/subscriptions/${id}/suspend`);
  const [webhook] = await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);
  const token = webhook?.bearerToken as string;
  const { authorityUrl, tenantId, clientId } = publisher.emulator;
  const { body } = await call('GET', `${authorityUrl}/${tenantId}/${version === 'v2' ? 'v2.0/' : ''}.well-known/openid-configuration`);
  const keys = createRemoteJWKSet(new URL(body.jwks_uri));
  const { payload } = await jwtVerify(token, keys, { issuer: body.issuer, audience: clientId, algorithms: ['RS256'] });
  return { payload, kid: decodeProtectedHeader(token).kid };
}

it("is issued by the publisher's tenant for the publisher's app to the marketplace, in the v2 form by default (pitfall 31)", async () => {
  const { payload } = await claimsOfAWebhook('v2');
  expect(payload).toMatchObject({ ver: '2.0', tid: publisher.emulator.tenantId, azp: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7' });
  expect(payload).not.toHaveProperty('appid');
});

it('has the v1 form where the app registration asks for it', async () => {
  await publisher.control('PATCH', '/settings', { webhookTokenVersion: 'v1' });
  const { payload } = await claimsOfAWebhook('v1');
  expect(payload).toMatchObject({ ver: '1.0', tid: publisher.emulator.tenantId, appid: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7' });
  expect(payload).not.toHaveProperty('azp');
});

it('is signed by a new key after a rotation, while the old one is still published', async () => {
  const before = await claimsOfAWebhook('v2');
  const { kid } = (await publisher.control('POST', '/keys/rotate')).body;
  const after = await claimsOfAWebhook('v2');
  expect([after.kid, after.kid === before.kid]).toEqual([kid, false]);
  const published = async () => {
    const { body } = await call('GET', `${publisher.emulator.authorityUrl}/${publisher.emulator.tenantId}/discovery/keys`);
    return body.keys.map((key: { kid: string }) => key.kid);
  };
  expect(await published()).toEqual([before.kid, after.kid]);
  const emergency = await publisher.control('POST', '/keys/rotate', { withdrawOld: true });
  expect(await published()).toEqual([emergency.body.kid]);
});
