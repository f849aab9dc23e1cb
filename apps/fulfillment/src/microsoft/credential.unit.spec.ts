import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialOf } from './credential';

const none = { PUBLISHER_CLIENT_SECRET: undefined, PUBLISHER_CERTIFICATE_FILE: undefined, PUBLISHER_FEDERATED_TOKEN_FILE: undefined };
const dir = mkdtempSync(join(tmpdir(), 'landfall-credential-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('signs in by the secret, the certificate or the token that is given', async () => {
  const file = join(dir, 'given');
  writeFileSync(file, 'content');
  expect(credentialOf({ ...none, PUBLISHER_CLIENT_SECRET: 'secret' })).toEqual({ secret: 'secret' });
  expect(credentialOf({ ...none, PUBLISHER_CERTIFICATE_FILE: file })).toEqual({ certificate: { pem: 'content' } });
});

it('reads a federated token anew each time, since the platform renews it', async () => {
  const file = join(dir, 'token');
  writeFileSync(file, 'first\n');
  const credential = credentialOf({ ...none, PUBLISHER_FEDERATED_TOKEN_FILE: file });
  if (!('federatedToken' in credential)) throw new Error('not a federated token');
  expect(await credential.federatedToken()).toBe('first');
  writeFileSync(file, 'second\n');
  expect(await credential.federatedToken()).toBe('second');
});

it.each([
  ['none', none],
  ['two', { ...none, PUBLISHER_CLIENT_SECRET: 'secret', PUBLISHER_CERTIFICATE_FILE: 'file' }],
])('refuses to start with %s of them', (_case, values) => {
  expect(() => credentialOf(values)).toThrow('exactly one must be set');
});

it('says which file can’t be read', () => {
  expect(() => credentialOf({ ...none, PUBLISHER_CERTIFICATE_FILE: join(dir, 'missing') })).toThrow(
    /PUBLISHER_CERTIFICATE_FILE can't be read/,
  );
});
