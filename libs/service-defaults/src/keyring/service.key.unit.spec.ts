import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, importJWK, type CompactJWEHeaderParameters, type JWK } from 'jose';
import { ServicesPrivateKey, ServicesPublicKey } from './service.key';

const kid = 'subscription.encryption.1';
const pair = (): JsonWebKey => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const jwk = pair();
const publicKey = () => new ServicesPublicKey(kid, jwk);
const privateKey = new ServicesPrivateKey(jwk);
const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid };

async function byJose(text: string, asked: CompactJWEHeaderParameters = header, key: JsonWebKey = jwk): Promise<string> {
  const { d: _private, ...open } = key;
  const jwe = new CompactEncrypt(Buffer.from(text, 'utf8')).setProtectedHeader(asked);
  return jwe.encrypt(await importJWK(open as JWK, 'ECDH-ES'));
}

describe.each([
  ['nothing', ''],
  ['a letter', 'x'],
  ['people with letters of all kinds', JSON.stringify({ name: 'Zoë ü 🙂 \u0000', lines: '\r\n'.repeat(1_000) })],
])('a text for a service with %s', (_what, text) => {
  it('is opened by jose, and where jose wrote it', async () => {
    const written = publicKey().encrypt(text);
    const { plaintext, protectedHeader } = await compactDecrypt(written, await importJWK(jwk as JWK, 'ECDH-ES'));
    expect(Buffer.from(plaintext).toString('utf8')).toBe(text);
    expect(protectedHeader).toMatchObject(header);
    expect(privateKey.decrypt(written)).toBe(text);
    expect(privateKey.decrypt(await byJose(text))).toBe(text);
  });
});

it('agrees on another key after a minute, and never takes an initialization vector twice', () => {
  jest.useFakeTimers({ now: 0 });
  const key = publicKey();
  const texts = Array.from({ length: 1_000 }, () => key.encrypt('x'));
  jest.advanceTimersByTime(60_001);
  const later = key.encrypt('x');
  jest.useRealTimers();
  const agreed = (jwe: string) => JSON.stringify(decodeProtectedHeader(jwe));
  expect(new Set(texts.map(agreed)).size).toBe(1);
  expect(agreed(later)).not.toBe(agreed(texts[0]!));
  expect(new Set([...texts, later].map((jwe) => jwe.split('.')[2])).size).toBe(1_001);
  expect([...texts, later].every((jwe) => privateKey.decrypt(jwe) === 'x')).toBe(true);
});

it('shares no key with another service, nor with another sender', () => {
  const epks = [publicKey(), publicKey(), new ServicesPublicKey('gateway.encryption.1', pair())].map(
    (key) => (decodeProtectedHeader(key.encrypt('x')) as unknown as { epk: { x: string } }).epk.x,
  );
  expect(new Set(epks).size).toBe(3);
});

it('opens texts of more senders than it remembers', () => {
  const texts = Array.from({ length: 250 }, (_, place) => publicKey().encrypt(String(place)));
  for (const round of [texts, texts.toReversed()])
    for (const text of round) expect(privateKey.decrypt(text)).toBe(String(texts.indexOf(text)));
});

it('opens nothing that was changed, before and after it knows the sender', () => {
  const text = publicKey().encrypt('a text of some length');
  const parts = text.split('.');
  const changed = parts.flatMap((part, at) => {
    const bytes = Buffer.from(part, 'base64url');
    return Array.from(bytes, (_, place) => {
      const other = Buffer.from(bytes);
      other[place]! ^= 1;
      return parts.with(at, other.toString('base64url')).join('.');
    });
  });
  expect(changed.length).toBeGreaterThan(200);
  for (const other of changed) expect(() => privateKey.decrypt(other)).toThrow();
  expect(privateKey.decrypt(text)).toBe('a text of some length');
  for (const other of changed) expect(() => privateKey.decrypt(other)).toThrow();
});

const withHeader = (change: object): string => {
  const [first, ...rest] = publicKey().encrypt('x').split('.');
  const known = JSON.parse(Buffer.from(first!, 'base64url').toString('utf8')) as object;
  return [Buffer.from(JSON.stringify({ ...known, ...change })).toString('base64url'), ...rest].join('.');
};

it.each([
  ['for another key', () => byJose('x', header, pair())],
  ['that another cipher wrote', () => byJose('x', { ...header, enc: 'A128GCM' })],
  ['whose key was wrapped', () => byJose('x', { ...header, alg: 'ECDH-ES+A256KW' })],
  ['without a public half', () => withHeader({ epk: undefined })],
  ['with a public half of another curve', () => withHeader({ epk: { kty: 'OKP', crv: 'X25519', x: 'AAAA' } })],
  [
    'with a public half that is no point of the curve',
    () => withHeader({ epk: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } }),
  ],
  ['that says it is compressed', () => withHeader({ zip: 'DEF' })],
  ['that asks for an extension', () => withHeader({ crit: ['exp'], exp: 1 })],
  ['that names its parties', () => withHeader({ apu: 'QQ' })],
  ['of another form', () => 'nonsense'],
])('opens nothing %s', async (_what, text) => {
  const jwe = await text();
  expect(() => privateKey.decrypt(jwe)).toThrow();
});
