import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { later, payload, webhooksOf } from '../testing/webhook.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const { post, sentAbout, stored } = webhooksOf(() => gateway);

/** What no row of the table of answers says; those are in `webhook.answers.int.spec` and `webhook.redelivery.int.spec`. */
describe('a webhook', () => {
  it('that waits for no decision is on disk and published as answered with one commit and one message, before it is answered', async () => {
    const notification = payload({ quantity: '7' });
    expect((await post(notification)).status).toBe(200);
    expect(await stored(notification.id)).toMatchObject([{ answer: 200, answered_at: expect.any(Date) }]);
    await new Promise((resolve) => setTimeout(resolve, 200)); // nothing more comes
    const messages = await sentAbout(notification.id);
    expect(messages.map(({ type }) => type)).toEqual(['landfall.gateway.webhook-received.v1']);
    expect(messages[0]).toMatchObject({
      key: notification.subscriptionId,
      data: { planId: 'gold', quantity: 7, source: 'Azure', answeredAt: expect.stringMatching(/Z$/) },
    });
  });

  it('is answered without what protects a page in a browser, in all spellings of its address', async () => {
    for (const path of ['/webhook', '//Webhook/default']) {
      const { status, headers } = await post(payload(), { path });
      expect([status, headers.get('content-security-policy')]).toEqual([200, null]);
    }
    expect((await fetch(`${gateway.url}/nowhere`)).headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('is taken in both token forms', async () => {
    for (const version of ['1.0', '2.0'] as const) {
      const token = await gateway.identity.webhookToken({}, { version });
      expect((await post(payload(), { token })).status).toBe(200);
    }
  });

  it('is another one when the same operation comes with another action', async () => {
    const notification = payload();
    await post(notification);
    await post({ ...notification, action: 'Renew' });
    expect((await sentAbout(notification.id)).filter(({ type }) => type.includes('received'))).toHaveLength(2);
  });

  it('is another one when the same operation and action come for another subscription, each answered and published by itself', async () => {
    const one = payload();
    const other = { ...one, subscriptionId: randomUUID() };
    await Promise.all([one, other, one, other].map(async (notification) => expect((await post(notification)).status).toBe(200)));
    const messages = await sentAbout(one.id);
    for (const { subscriptionId } of [one, other])
      expect(messages.filter(({ key }) => key === subscriptionId).map(({ type }) => type)).toEqual([
        'landfall.gateway.webhook-received.v1',
      ]);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
    expect(await stored(one.id)).toHaveLength(2);
  });

  it('names no operation by the nil UUID: each is looked at, and never taken for a repetition', async () => {
    const notification = payload({ id: '00000000-0000-0000-0000-000000000000' });
    await post(notification);
    await post(notification);
    const messages = (await gateway.sent()).filter(({ key }) => key === notification.subscriptionId);
    expect(messages.map(({ type }) => type)).toEqual(Array(2).fill('landfall.gateway.webhook-unreadable.v1'));
  });

  it.each([
    ['no content type', { 'content-type': '' }],
    ['a broken content type', { 'content-type': ';;;' }],
    ['a foreign content type', { 'content-type': 'text/plain' }],
    ['a form content type', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('is taken with %s', async (_case, headers) => {
    const notification = payload();
    expect((await post(notification, { headers })).status).toBe(200);
    expect(await stored(notification.id)).toHaveLength(1);
  });

  it.each<[string, Record<string, string>]>([
    ['comes in chunks', { 'transfer-encoding': 'chunked' }],
    ['comes in chunks once it is asked for, as some clients do', { 'transfer-encoding': 'chunked', expect: '100-continue' }],
  ])('is taken where its body %s', async (_case, headers) => {
    const [notification, authorization] = [payload(), `Bearer ${await gateway.identity.webhookToken()}`];
    const sending = request(`${gateway.url}/webhook`, { method: 'POST', headers: { authorization, ...headers } });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    if (headers['expect']) await Promise.all([once(sending, 'continue'), sending.flushHeaders()]);
    for (const part of JSON.stringify(notification).match(/.{1,20}/g)!) sending.write(part);
    sending.end();
    const [answer] = await answered;
    answer.resume();
    expect([answer.statusCode, await stored(notification.id)]).toMatchObject([200, [{}]]);
  });

  it('keeps the body encrypted and of the claims only what may be kept', async () => {
    const notification = payload({ subscription: { beneficiary: { emailId: 'ada@fabrikam.example' } } });
    await post(notification, { token: await gateway.identity.webhookToken({ oid: 'object', uti: 'u1' }) });
    const [row] = await stored(notification.id);
    expect(JSON.stringify(row)).not.toContain('fabrikam');
    expect(row).toMatchObject({ claims: { uti: 'u1', aud: 'publisher-client' }, answer: 200 });
    expect(Object.keys(row!['claims'] as object)).not.toContain('oid');
  });
});

describe('keys that are not there never reject an order', () => {
  it('answers 503 while a new signing key may only be unknown to us, and 200 once it is read', async () => {
    await post(payload());
    gateway.identity.rotateKeys();
    const notification = payload();
    expect((await post(notification)).status).toBe(503); // the keys were read less than a minute ago
    await later(61_000, async () => expect((await post(notification)).status).toBe(200));
  });

  it('answers 503 to a key that not even a fresh reading shows, and 200 as soon as one does: discovery may lag behind its signer', async () => {
    const lagging = gateway.identity.signAhead();
    const notification = payload();
    await later(200_000, async () => {
      const readsBefore = gateway.identity.keyReads;
      for (const _time of [1, 2, 3, 4, 5]) {
        const response = await post(notification);
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      }
      expect(gateway.identity.keyReads - readsBefore).toBe(2); // discovery and key set, once for all five
    });
    expect(await stored(notification.id)).toEqual([]);
    lagging.publish();
    await later(270_000, async () => expect((await post(notification)).status).toBe(200));
  });

  it('answers 401 to a forgery in the name of a known key, and to one in the name of no key whose claims are wrong', async () => {
    const forged = (await gateway.identity.webhookToken()).replace(/.{20}$/, 'AAAAAAAAAAAAAAAAAAAA');
    expect((await post(payload(), { token: forged })).status).toBe(401);
    await later(340_000, async () => {
      const token = await gateway.identity.webhookToken({ iss: 'https://sts.example/another/' }, { kid: 'in-no-reading' });
      expect((await post(payload(), { token })).status).toBe(401);
    });
  });

  it('answers 503 while the keys cannot be read', async () => {
    gateway.identity.isAway = true;
    await later(25 * 3_600_000, async () => {
      const token = await gateway.identity.webhookToken({ exp: Math.floor(Date.now() / 1000) + 60 });
      expect((await post(payload(), { token })).status).toBe(503);
    });
    gateway.identity.isAway = false;
  });
});
