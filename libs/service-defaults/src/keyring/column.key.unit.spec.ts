import { createSecretKey } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose';
import { ColumnKey } from './column.key';
import { JweCipher } from './jwe.cipher';

const kid = 'gateway.data.1';
const secret = Buffer.alloc(32, 7).toString('base64url');
const key = new ColumnKey(kid, secret);
const josesKey = () => importJWK({ kty: 'oct', k: secret }, 'dir');
const byJose = async (text: string) =>
  new CompactEncrypt(Buffer.from(text, 'utf8')).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid }).encrypt(await josesKey());

describe.each([
  ['nothing', ''],
  ['a letter', 'x'],
  ['a body with letters of all kinds', JSON.stringify({ name: 'Zoë ü 🙂 \u0000', lines: '\r\n'.repeat(1_000) })],
])('a column with %s', (_what, text) => {
  it('is opened by jose', async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(key.encrypt(text), await josesKey());
    expect([Buffer.from(plaintext).toString('utf8'), protectedHeader]).toEqual([text, { alg: 'dir', enc: 'A256GCM', kid }]);
  });

  it('is opened where jose wrote it, whatever the order of its header', async () => {
    expect(key.decrypt(await byJose(text))).toBe(text);
    const turned = await new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ kid, enc: 'A256GCM', alg: 'dir' })
      .encrypt(await josesKey());
    expect(key.decrypt(turned)).toBe(text);
    expect(key.decrypt(key.encrypt(text))).toBe(text);
  });
});

it('opens nothing that was changed: not a letter of any part, none less, none more', async () => {
  for (const text of [key.encrypt('a text of some length'), await byJose('a text of some length')])
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'A' ? 'z' : 'A';
      const changed = text.slice(0, at) + other + text.slice(at + 1);
      if (text[at] !== '.' && !isSameText(changed, text)) expect(() => key.decrypt(changed)).toThrow();
      expect(() => key.decrypt(text.slice(0, at))).toThrow();
      expect(() => key.decrypt(`${text.slice(0, at)}!${text.slice(at)}`)).toThrow();
    }
});

it.each([
  ['another key', () => new ColumnKey(kid, Buffer.alloc(32, 8).toString('base64url')).encrypt('x')],
  ['a header that asks for an extension', () => forged({ crit: ['exp'], exp: 1 })],
  ['a header that says it is compressed', () => forged({ zip: 'DEF' })],
  ['another algorithm', () => forged({ alg: 'A256KW' })],
  ['another cipher', () => forged({ enc: 'A128GCM' })],
  ['a key beside it', () => key.encrypt('x').replace('..', '.AAAA.')],
  ['no parts', () => 'nonsense'],
])('opens nothing with %s', async (_what, text) => {
  const jwe = await text();
  expect(() => key.decrypt(jwe)).toThrow();
});

it('never takes the same initialization vector twice, and needs 32 bytes', () => {
  const vectors = Array.from({ length: 1_000 }, () => key.encrypt('x').split('.')[2]);
  expect(new Set(vectors).size).toBe(1_000);
  for (const wrong of [undefined, '', Buffer.alloc(31).toString('base64url')]) expect(() => new ColumnKey(kid, wrong)).toThrow(TypeError);
});

/** The last letter of a part holds bits that stand for nothing. */
const isSameText = (one: string, other: string): boolean => {
  const bytes = (text: string) =>
    text.split('.').map((part, index) => (index === 0 ? part : Buffer.from(part, 'base64url').toString('hex')));
  return bytes(one).join() === bytes(other).join();
};

/** Encrypted for that header, as another library could have done it. */
function forged(header: object): string {
  return new JweCipher(createSecretKey(Buffer.from(secret, 'base64url')), { alg: 'dir', enc: 'A256GCM', kid, ...header }).encrypt('x');
}
