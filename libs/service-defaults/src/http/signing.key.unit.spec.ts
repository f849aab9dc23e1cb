import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { CompactSign, compactVerify, exportJWK, type JWK } from 'jose';
import { IssuerKeys } from './issuer.keys';
import { REMEMBERED_TOKENS, SigningKey, WeakKey } from './signing.key';

const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });
const token = (text = 'text', key: KeyObject = ours.privateKey) =>
  new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key);

describe('a signing key', () => {
  it('knows what it has signed, and nothing that was changed since or that another one signed, as jose does', async () => {
    const key = new SigningKey(ours.publicKey);
    const [head, payload, signature] = (await token()).split('.') as [string, string, string];
    const texts = {
      true: [`${head}.${payload}.${signature}`],
      false: [
        await token('text', strangers.privateKey),
        `${head}.${Buffer.from('Text').toString('base64url')}.${signature}`,
        `${head}.${payload}.${signature.slice(0, -4)}`,
        `${head}.${payload}.`,
        `${head}.${signature}`,
        '',
      ],
    };
    for (const round of ['first', 'again'])
      for (const [expected, those] of Object.entries(texts))
        for (const text of those) {
          expect([round, text, String(key.hasSigned(text))]).toEqual([round, text, expected]);
          await (expected === 'true'
            ? expect(compactVerify(text, ours.publicKey)).resolves.toBeDefined()
            : expect(compactVerify(text, ours.publicKey)).rejects.toThrow());
        }
    expect(key.remembered).toBe(1);
  });

  it('takes no other algorithm', () => {
    const text = 'e30.e30';
    const signature = sign('RSA-SHA512', Buffer.from(text), ours.privateKey).toString('base64url');
    expect(new SigningKey(ours.publicKey).hasSigned(`${text}.${signature}`)).toBe(false);
  });

  it('remembers a bounded number of tokens, the last ones', () => {
    const key = new SigningKey(ours.publicKey);
    const signed = (number: number) =>
      `e30.${number}.${sign('RSA-SHA256', Buffer.from(`e30.${number}`), ours.privateKey).toString('base64url')}`;
    for (let number = 0; number <= REMEMBERED_TOKENS; number++) expect(key.hasSigned(signed(number))).toBe(true);
    expect(key.remembered).toBe(REMEMBERED_TOKENS);
  });

  it('is public RSA of 2048 bits at least', async () => {
    const weak = createPublicKey(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
    expect(() => new SigningKey(weak)).toThrow(WeakKey);
    expect(() => new SigningKey(ours.privateKey)).toThrow(TypeError);
    expect(() => new SigningKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)).toThrow(TypeError);
    expect(SigningKey.fromJwk(await exportJWK(ours.publicKey)).hasSigned(await token())).toBe(true);
  });
});

describe('the keys of an authority', () => {
  let authority: Server;
  let published: JWK[];
  let url: string;
  beforeAll(async () => {
    authority = createServer((request, response) => {
      response.end(JSON.stringify(request.url === '/keys' ? { keys: published } : { issuer: url, jwks_uri: `${url}/keys` }));
    });
    await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(authority.address() as AddressInfo).port}`;
  });
  afterAll(() => authority.close());

  const asJwk = async (key: KeyObject) => ({ ...(await exportJWK(key)), kid: 'k1', use: 'sig' });

  it('forget what a key had signed with the key: withdrawn, or replaced under its kid, it proves nothing at once', async () => {
    let now = 0;
    published = [await asJwk(ours.publicKey)];
    const keys = new IssuerKeys(url, () => now);
    const text = await token();
    expect((await keys.find('k1'))?.key.hasSigned(text)).toBe(true);
    const later = async (jwks: JWK[]) => {
      now += 24 * 3_600_000 + 1;
      published = jwks;
      return (await keys.find('k1'))?.key.hasSigned(text);
    };
    expect(await later([await asJwk(strangers.publicKey)])).toBe(false);
    expect(await later([])).toBeUndefined();
    expect(await later([await asJwk(ours.publicKey)])).toBe(true);
  });

  it('leave out a key that is too weak, and know the others', async () => {
    const weak = createPublicKey(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
    published = [{ ...(await asJwk(weak)), kid: 'weak' }, await asJwk(ours.publicKey)];
    const keys = new IssuerKeys(url);
    expect(await keys.find('k1')).toMatchObject({ issuer: url });
    await expect(keys.find('weak')).rejects.toThrow('less than a minute ago');
  });
});
