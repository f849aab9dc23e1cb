import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { KeysUnreachable, SigningKey } from '@landfall/service-defaults';
import { exportSPKI, importSPKI, SignJWT, type JWTPayload } from 'jose';
import { verifyWebhookToken, type Expected, type KeysByVersion } from './webhook.token';

const tenantId = '11111111-2222-3333-4444-555555555555';
const expected: Expected = { tenantId, callerId: '20e940b3-4c77-4b0b-9a53-9e16a1b010a7', audience: 'our-app' };
const issuers = { '1.0': `https://sts.example/${tenantId}/`, '2.0': `https://login.example/${tenantId}/v2.0` } as const;
const now = Date.parse('2026-03-01T12:00:00Z');
const seconds = now / 1000;

const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });

const keysOf = (version: '1.0' | '2.0', publicKey: KeyObject) => {
  const key = new SigningKey(publicKey);
  return { issuer: issuers[version], find: async (kid: string) => (kid === 'key-1' ? { key, issuer: issuers[version] } : undefined) };
};
const keys: KeysByVersion = { '1.0': keysOf('1.0', ours.publicKey), '2.0': keysOf('2.0', ours.publicKey) };

const v1 = {
  ver: '1.0',
  iss: issuers['1.0'],
  aud: 'our-app',
  tid: tenantId,
  appid: expected.callerId,
  exp: seconds + 3600,
  nbf: seconds - 10,
  oid: 'x',
  uti: 'u-1',
};
const v2 = {
  ver: '2.0',
  iss: issuers['2.0'],
  aud: 'our-app',
  tid: tenantId,
  azp: expected.callerId,
  exp: seconds + 3600,
  oid: 'x',
  aio: 'secret',
};

const signed = (claims: JWTPayload, { key = ours.privateKey, header = {} }: { key?: KeyObject; header?: object } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key-1', ...header }).sign(key);
const verify = async (token: string | Promise<string>, using = keys) => verifyWebhookToken(`Bearer ${await token}`, expected, using, now);
const unsigned = (header: object, claims: object) =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('a webhook token', () => {
  it('is authentic in its v1 form, and only the allow-listed claims are kept', async () => {
    const { oid, nbf, ...kept } = v1;
    expect([oid, nbf]).toBeDefined();
    expect(await verify(signed(v1))).toEqual({ kind: 'authentic', claims: kept });
  });

  it('is authentic in its v2 form, without nbf', async () => {
    expect(await verify(signed(v2))).toMatchObject({ kind: 'authentic', claims: { azp: expected.callerId } });
  });

  it.each([
    ['just expired, within the skew', { ...v2, exp: seconds - 299 }],
    ['valid soon, within the skew', { ...v2, nbf: seconds + 299 }],
    ['with ids in capitals', { ...v2, tid: tenantId.toUpperCase(), azp: expected.callerId.toUpperCase() }],
  ])('is authentic when %s', async (_case, claims) => {
    expect(await verify(signed(claims))).toMatchObject({ kind: 'authentic' });
  });

  it.each([
    ['expired', { ...v2, exp: seconds - 301 }, 'expired'],
    ['without exp', { ...v2, exp: undefined }, 'expired'],
    ['not valid yet', { ...v2, nbf: seconds + 301 }, 'not-yet-valid'],
    ['of another tenant', { ...v2, tid: '99999999-2222-3333-4444-555555555555' }, 'tenant'],
    ['of another caller', { ...v2, azp: 'somebody' }, 'caller'],
    ['v2 with the caller of v1', { ...v2, azp: undefined, appid: expected.callerId }, 'caller'],
    ['v1 with the caller of v2', { ...v1, appid: undefined, azp: expected.callerId }, 'caller'],
    ['of an unknown version', { ...v2, ver: '3.0' }, 'version'],
    ['without a version', { ...v2, ver: undefined }, 'version'],
    ['v1 with the issuer of v2', { ...v1, iss: issuers['2.0'] }, 'issuer'],
    ['v2 with the issuer of v1', { ...v2, iss: issuers['1.0'] }, 'issuer'],
  ])('is rejected when %s', async (_case, claims, reason) => {
    expect(await verify(signed(claims as JWTPayload))).toEqual({ kind: 'rejected', reason });
  });

  it('is rejected when a stranger signed it', async () => {
    expect(await verify(signed(v2, { key: strangers.privateKey }))).toEqual({ kind: 'rejected', reason: 'signature' });
  });

  it('is rejected when its claims were changed after signing', async () => {
    const [head, , signature] = (await signed(v2)).split('.');
    const forged = Buffer.from(JSON.stringify({ ...v2, uti: 'other' })).toString('base64url');
    expect(await verify(`${head}.${forged}.${signature}`)).toEqual({ kind: 'rejected', reason: 'signature' });
  });

  it('is rejected with the algorithm none', async () => {
    expect(await verify(`${unsigned({ alg: 'none', kid: 'key-1' }, v2)}.`)).toEqual({ kind: 'rejected', reason: 'algorithm' });
  });

  it('is rejected when the public key was used as an HS256 secret', async () => {
    const secret = await exportSPKI(
      await importSPKI(createPublicKey(ours.privateKey).export({ type: 'spki', format: 'pem' }) as string, 'RS256', { extractable: true }),
    );
    const content = unsigned({ alg: 'HS256', kid: 'key-1' }, v2);
    const mac = createHmac('sha256', secret).update(content).digest('base64url');
    expect(await verify(`${content}.${mac}`)).toEqual({ kind: 'rejected', reason: 'algorithm' });
  });

  it('is rejected when it asks for an extension that nobody knows', async () => {
    const head = { alg: 'RS256', kid: 'key-1', crit: ['exp'], exp: 1 };
    expect(await verify(`${unsigned(head, v2)}.AAAA`)).toEqual({ kind: 'rejected', reason: 'signature' });
    const content = unsigned({ alg: 'RS256', kid: 'key-1', crit: ['b64'], b64: true }, v2);
    const signature = sign('RSA-SHA256', Buffer.from(content), ours.privateKey).toString('base64url');
    expect(await verify(`${content}.${signature}`)).toEqual({ kind: 'rejected', reason: 'signature' });
  });

  it('that comes again is asked all but its signature again: is it expired, is its key still there, whose audience is it?', async () => {
    const token = await signed({ ...v2, exp: seconds + 60 });
    const again = (at: number, using = keys, audience = expected.audience) =>
      verifyWebhookToken(`Bearer ${token}`, { ...expected, audience }, using, at);
    expect(await again(now)).toMatchObject({ kind: 'authentic' });
    expect(await again(now + 361_000)).toEqual({ kind: 'rejected', reason: 'expired' });
    expect(await again(now, keys, 'another-app')).toMatchObject({ kind: 'foreign-audience' });
    const withdrawn = { issuer: issuers['2.0'], find: async () => undefined };
    expect(await again(now, { '1.0': withdrawn, '2.0': withdrawn })).toEqual({ kind: 'undecidable' });
    const replaced = keysOf('2.0', strangers.publicKey); // another key under the same kid
    expect(await again(now, { '1.0': replaced, '2.0': replaced })).toEqual({ kind: 'rejected', reason: 'signature' });
    expect(await again(now)).toMatchObject({ kind: 'authentic' });
  });

  it('is neither believed nor refused when its kid is unknown after the keys were read again: their signer may be ahead of them', async () => {
    expect(await verify(signed(v2, { header: { kid: 'key-2' } }))).toEqual({ kind: 'undecidable' });
    expect(await verify(signed(v1, { header: { kid: 'key-2' } }))).toEqual({ kind: 'undecidable' });
  });

  it('is rejected with an unknown kid where a claim proves it wrong', async () => {
    const withUnknownKey = (changes: object) => verify(signed({ ...v2, ...changes }, { header: { kid: 'key-2' } }));
    expect(await withUnknownKey({ iss: 'https://login.example/another/v2.0' })).toEqual({ kind: 'rejected', reason: 'issuer' });
    expect(await withUnknownKey({ exp: seconds - 301 })).toEqual({ kind: 'rejected', reason: 'expired' });
    expect(await withUnknownKey({ azp: 'somebody' })).toEqual({ kind: 'rejected', reason: 'caller' });
  });

  it.each([
    ['no header', undefined, 'missing'],
    ['another scheme', 'Basic abc', 'malformed'],
    ['no token', 'Bearer ', 'malformed'],
    ['two tokens', 'Bearer a.b.c a.b.c', 'malformed'],
    ['parts that are no JSON', 'Bearer YQ.YQ.YQ', 'malformed'],
    ['more than 8 kB', `Bearer ${'a'.repeat(8 * 1024)}.b.c`, 'too-long'],
  ])('is rejected with %s', async (_case, header, reason) => {
    expect(await verifyWebhookToken(header, expected, keys, now)).toEqual({ kind: 'rejected', reason });
  });

  it('is not ours to refuse when signature and caller are good and only the audience is foreign', async () => {
    expect(await verify(signed({ ...v2, aud: 'another-app' }))).toMatchObject({ kind: 'foreign-audience', claims: { aud: 'another-app' } });
  });

  it('is rejected, not excused, when a stranger names a foreign audience', async () => {
    expect(await verify(signed({ ...v2, aud: 'another-app' }, { key: strangers.privateKey }))).toEqual({
      kind: 'rejected',
      reason: 'signature',
    });
  });

  it('is undecidable while the keys cannot be read', async () => {
    const away = { issuer: undefined, find: async () => Promise.reject(new KeysUnreachable('away')) };
    expect(await verify(signed(v2), { '1.0': away, '2.0': away })).toEqual({ kind: 'undecidable' });
  });

  it('costs no look at the keys while its cheap claims are wrong', async () => {
    const find = jest.fn(async () => undefined);
    const counting = { issuer: undefined, find };
    await verify(signed({ ...v2, azp: 'somebody' }), { '1.0': counting, '2.0': counting });
    expect(find).not.toHaveBeenCalled();
  });
});
