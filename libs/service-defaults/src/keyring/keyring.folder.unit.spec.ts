import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyring } from './keyring';
import { readKeyring } from './keyring.file';
import { keyringFolder } from './keyring.folder';

const parent = mkdtempSync(join(tmpdir(), 'keyring-folder-'));
const dir = join(parent, 'keys');
const fileOf = (service: string) => join(dir, `${service}.json`);
const keysOf = (service: string) => readKeyring(fileOf(service)).keys;
afterAll(() => rmSync(parent, { recursive: true }));

it('makes keys once; a service has its own, and of the others only what encrypts for them', async () => {
  keyringFolder(dir, ['gateway', 'fulfillment']);
  const keys = keysOf('gateway');
  expect(keys.map(({ kid, d }) => [kid, d !== undefined])).toEqual([
    ['gateway.encryption.1', true],
    ['gateway.data.1', false],
    ['gateway.session.1', false],
    ['fulfillment.encryption.1', false],
  ]);
  expect(statSync(fileOf('gateway')).mode & 0o077).toBe(0);
  keyringFolder(dir, ['gateway', 'fulfillment', 'billing']);
  expect(keysOf('gateway').slice(0, 4)).toEqual(keys);
  expect(keysOf('billing')).toHaveLength(5);
  const text = await new Keyring('gateway', readKeyring(fileOf('gateway'))).encryptFor('billing', 'x');
  expect(await new Keyring('billing', readKeyring(fileOf('billing'))).decryptReceived(text)).toBe('x');
});

it('adds a key that encrypts from now on, while those before it still open', async () => {
  keyringFolder(dir, ['gateway', 'fulfillment']);
  const old = await new Keyring('gateway', readKeyring(fileOf('gateway'))).encryptColumn('x');
  keyringFolder(dir, ['gateway', 'fulfillment'], { next: 'gateway.data' });
  keyringFolder(dir, ['gateway', 'fulfillment'], { use: 'gateway.data' });
  const rotated = new Keyring('gateway', readKeyring(fileOf('gateway')));
  expect(await rotated.decryptColumn(old)).toBe('x');
  expect(keysOf('gateway').map(({ kid }) => kid)).toContain('gateway.data.2');
  expect(JSON.parse(Buffer.from((await rotated.encryptColumn('y')).split('.')[0]!, 'base64url').toString())).toMatchObject({
    kid: 'gateway.data.2',
  });
});

it('makes nothing anew where its file is damaged, and shows nothing of it', () => {
  const all = join(dir, 'all.json');
  const text = readFileSync(all, 'utf8');
  writeFileSync(all, text.slice(0, -10));
  const before = readFileSync(fileOf('gateway'), 'utf8');
  expect(() => keyringFolder(dir, ['gateway'])).toThrow(`${all} cannot be used: it is no JSON: was it cut short, or edited by hand?`);
  expect(readFileSync(fileOf('gateway'), 'utf8')).toBe(before);
});

it('makes no other keys of the same names where all.json is missing', () => {
  const before = readFileSync(fileOf('gateway'), 'utf8');
  rmSync(join(dir, 'all.json'));
  expect(() => keyringFolder(dir, ['gateway'])).toThrow('from which gateway has keys: put it back from the vault');
  const empty = join(parent, 'empty');
  expect(() => keyringFolder(empty, ['gateway'], { next: 'gateway.data' })).toThrow('from which keys are rotated: put it back');
  expect([readFileSync(fileOf('gateway'), 'utf8'), existsSync(join(empty, 'gateway.json'))]).toEqual([before, false]);
});
