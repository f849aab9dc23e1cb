import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { Keyring } from './keyring';
import { KeyMissing, DecryptionFailed } from './keyring.errors';
import { createKeyring, readKeyring, withNextKey } from './keyring.file';

const keys = createKeyring(['gateway', 'fulfillment']);
const gateway = new Keyring('gateway', keys);
const fulfillment = new Keyring('fulfillment', keys);

describe('the keyring', () => {
  it('encrypts for one service, which alone opens it', async () => {
    const encrypted = await gateway.encryptFor('fulfillment', 'purchase token +/= ü');
    expect(encrypted).not.toContain('purchase');
    expect(decodeProtectedHeader(encrypted)).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'fulfillment.encryption.1' });
    expect(await fulfillment.decryptReceived(encrypted)).toBe('purchase token +/= ü');
    await expect(gateway.decryptReceived(encrypted)).rejects.toThrow('A text for fulfillment.encryption.1 was handed to gateway');
  });

  it('encrypts with the public half alone, and cannot open with it', async () => {
    const open = { keys: keys.keys.map(({ d: _d, ...key }) => key as (typeof keys.keys)[number]) };
    const encrypted = await new Keyring('gateway', open).encryptFor('fulfillment', 'x');
    expect(await fulfillment.decryptReceived(encrypted)).toBe('x');
    await expect(new Keyring('fulfillment', open).decryptReceived(encrypted)).rejects.toThrow(
      'Of fulfillment.encryption.1 only the public half is here',
    );
  });

  it('encrypts columns with the newest key and opens what every older one wrote', async () => {
    const old = await gateway.encryptColumn('before');
    const rotated = new Keyring('gateway', withNextKey(keys, 'gateway', 'data'));
    const fresh = await rotated.encryptColumn('after');
    expect(decodeProtectedHeader(fresh).kid).toBe('gateway.data.2');
    expect([await rotated.decryptColumn(old), await rotated.decryptColumn(fresh)]).toEqual(['before', 'after']);
    await expect(gateway.decryptColumn(fresh)).rejects.toThrow(KeyMissing);
    await expect(gateway.decryptColumn(fresh)).rejects.toThrow('There is no key gateway.data.2. Keys are read from KEYRING_FILE');
  });

  it('rotates encryption keys in the order of their numbers, not of their letters', async () => {
    const rotated = Array.from({ length: 10 }).reduce<typeof keys>((set) => withNextKey(set, 'fulfillment', 'encryption'), keys);
    const encrypted = await new Keyring('gateway', rotated).encryptFor('fulfillment', 'x');
    expect(decodeProtectedHeader(encrypted).kid).toBe('fulfillment.encryption.11');
    expect(await new Keyring('fulfillment', rotated).decryptReceived(encrypted)).toBe('x');
  });

  it('never writes the same value twice for the same text', async () => {
    expect(await gateway.encryptColumn('x')).not.toBe(await gateway.encryptColumn('x'));
  });

  it('says what it means when a text was damaged, encrypted with another key of that name, or is no encrypted text', async () => {
    const encrypted = await gateway.encryptColumn('x');
    const damaged = encrypted.slice(0, -3) + (encrypted.endsWith('AAA') ? 'BBB' : 'AAA');
    await expect(gateway.decryptColumn(damaged)).rejects.toThrow(DecryptionFailed);
    await expect(new Keyring('gateway', createKeyring(['gateway'])).decryptColumn(encrypted)).rejects.toThrow(
      'not the one it was encrypted with',
    );
    await expect(gateway.decryptColumn('nonsense')).rejects.toThrow(DecryptionFailed);
    await expect(gateway.decryptReceived(encrypted)).rejects.toThrow(KeyMissing);
    await expect(gateway.encryptFor('billing', 'x')).rejects.toThrow('There is no encryption key of billing');
  });

  it('signs for each purpose with a secret of its own, and verifies with those before a rotation too', () => {
    const rotated = new Keyring('gateway', withNextKey(keys, 'gateway', 'session'));
    expect(gateway.signingSecret('cookies')).toHaveLength(32);
    expect(gateway.signingSecret('cookies').equals(gateway.signingSecret('hand-off'))).toBe(false);
    expect(gateway.signingSecret('cookies').equals(fulfillment.signingSecret('cookies'))).toBe(false);
    expect(rotated.signingSecrets('cookies')).toEqual([rotated.signingSecret('cookies'), gateway.signingSecret('cookies')]);
    expect(() => new Keyring('billing', keys).signingSecret('cookies')).toThrow('There is no session key of billing');
  });

  it('reads what createKeyring wrote, and refuses another file with a sentence that names what is wrong', () => {
    const dir = mkdtempSync(join(tmpdir(), 'keyring-'));
    const path = join(dir, 'keyring.json');
    writeFileSync(path, JSON.stringify(keys));
    expect(readKeyring(path)).toEqual(keys);
    writeFileSync(path, JSON.stringify({ keys: [{ ...keys.keys[0], kid: 'mine' }] }));
    expect(() => readKeyring(path)).toThrow('it is no keyring: keys.0');
    rmSync(dir, { recursive: true });
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -20)],
    ['edited by hand', (text: string) => text.replace('"d":"', '"d":oops"')],
    ['a key and nothing else', (text: string) => text.slice(text.indexOf('"d":"') + 5)],
    ['with a key of another length', (text: string) => text.replace('"d":"', '"d":"A')],
  ])('shows no part of a key when its file is %s', (_case, broken) => {
    const dir = mkdtempSync(join(tmpdir(), 'keyring-'));
    const path = join(dir, 'keyring.json');
    const secret = 'Zq7'.repeat(14) + 'Z';
    writeFileSync(path, broken(JSON.stringify(keys, (name, value: unknown) => (name === 'd' || name === 'k' ? secret : value))));
    const { message } = thrownBy(() => readKeyring(path));
    rmSync(dir, { recursive: true });
    expect(message).toMatch(/^it is no (JSON|keyring): /);
    expect(message).not.toMatch(/Zq|q7|7Z/);
  });
});

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
