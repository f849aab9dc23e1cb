import { decodeJwt } from 'jose';
import { Publisher } from '../testing/publisher';

let publisher: Publisher;

afterEach(() => publisher.stop());

it('has the v1 issuer of the real service where that is asked for, in the document and in the tokens', async () => {
  publisher = await Publisher.start({ issuerV1Url: 'https://sts.windows.net', settings: { webhookTokenVersion: 'v1' } });
  const { authorityUrl, tenantId } = publisher.emulator;
  const issuer = `https://sts.windows.net/${tenantId}/`;
  const document = (await (await fetch(`${authorityUrl}/${tenantId}/.well-known/openid-configuration`)).json()) as { issuer: string };
  await publisher.subscribe({ planId: 'instant' });
  const [webhook] = await publisher.webhooks(1);
  expect([document.issuer, decodeJwt(await publisher.token()).iss, decodeJwt(webhook?.bearerToken ?? '').iss]).toEqual([
    issuer,
    issuer,
    issuer,
  ]);
});

it('names the API, the API in links and the authority each by itself', async () => {
  const names = { apiUrl: 'https://api.example/api', linkUrl: 'https://links.example/api', authorityUrl: 'https://login.example' };
  publisher = await Publisher.start({ ...names });
  const { apiUrl, authorityUrl, linkHosts, operatorsAuthorityUrl, controlUrl } = publisher.emulator;
  expect({ apiUrl, authorityUrl, linkHosts }).toEqual({
    apiUrl: names.apiUrl,
    authorityUrl: names.authorityUrl,
    linkHosts: ['api.example', 'links.example'],
  });
  expect(operatorsAuthorityUrl).toMatch(/^https:\/\/login\.example\//);
  expect(controlUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/control$/);
  const here = new URL(controlUrl).origin;
  const document = await (await fetch(`${here}/common/v2.0/.well-known/openid-configuration`)).text();
  expect(document).toContain('"jwks_uri":"https://login.example/common/discovery/v2.0/keys"');
  expect(document).not.toContain('127.0.0.1');
});

it('takes several slashes in a row for one, as the Java SDK sends them', async () => {
  publisher = await Publisher.start();
  const id = await publisher.subscribe();
  const url = `${publisher.emulator.apiUrl}//saas//subscriptions/${id}?api-version=2018-08-31`;
  expect(await publisher.api('GET', url)).toMatchObject({ status: 200, body: { id } });
});
