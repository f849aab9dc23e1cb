import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyring, defineConfig, Keyring } from '@landfall/service-defaults';
import { Webhook } from 'standardwebhooks';
import { outgoingCallSettings, signingKeys } from './outgoing-call.settings';
import { SigningKeys } from './signature/signing-keys';

const [next, last] = ['next', 'last'].map((name) => `whsec_${Buffer.from(`${name}-secret-of-the-test-of-32-bytes`).toString('base64')}`);
const config = defineConfig('subscription', { ...outgoingCallSettings, VETO_SIGNING_KEYS: signingKeys() });
const folder = mkdtempSync(join(tmpdir(), 'outgoing-call-'));
const file = join(folder, 'keys');
afterAll(() => rmSync(folder, { recursive: true }));

it('allows no host and no network that is not public where nothing is set', () => {
  writeFileSync(file, next!);
  const values = config.read({ VETO_SIGNING_KEYS_FILE: file });
  expect(values.OUTGOING_HOSTS.entryFor(new URL('https://desk.fabrikam.example/'))).toBeUndefined();
  expect(values.OUTGOING_NETWORKS.has('10.0.0.1')).toBe(false);
});

it('reads hosts, networks, and the keys of a file, two of them during a rotation', () => {
  writeFileSync(file, `${next}\n${last}\n`);
  const values = config.read({
    OUTGOING_HOSTS: 'desk.fabrikam.example:8443, *.tenants.example',
    OUTGOING_NETWORKS: '10.0.0.0/8,fd00::/8',
    VETO_SIGNING_KEYS_FILE: file,
  });
  expect(values.OUTGOING_HOSTS.entryFor(new URL('https://desk.fabrikam.example:8443/'))).toBe('desk.fabrikam.example:8443');
  expect(['10.0.0.1', 'fd00::1', '192.168.0.1'].map((address) => values.OUTGOING_NETWORKS.has(address))).toEqual([true, true, false]);
  expect(values.VETO_SIGNING_KEYS.forReceivers()).toEqual([next, last]);
});

it('tells what is wrong with all of them at once, and shows no key', () => {
  const read = () =>
    config.read({ OUTGOING_HOSTS: 'https://desk.fabrikam.example', OUTGOING_NETWORKS: 'ours', VETO_SIGNING_KEYS: 'whsec_aGlkZGVu' });
  expect(read).toThrow('OUTGOING_HOSTS is "https://desk.fabrikam.example": "https://desk.fabrikam.example" is no host like');
  expect(read).toThrow('OUTGOING_NETWORKS is "ours"');
  expect(read).toThrow('VETO_SIGNING_KEYS is wrong (its value is not shown): signing key 1 must have 24 to 64 bytes, and has 6');
  expect(read).not.toThrow('aGlkZGVu');
});

it('signs with the keyring’s secrets of a purpose as well, which a receiver is told by forReceivers', () => {
  const keys = SigningKeys.shared(new Keyring('subscription', createKeyring(['subscription'])).signingSecrets('veto'));
  const headers = keys.headers({ id: 'a-call', atMs: Date.now(), body: '{}' });
  expect(new Webhook(keys.forReceivers()[0]!).verify('{}', headers)).toEqual({});
});
