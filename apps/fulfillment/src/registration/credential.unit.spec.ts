import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistrationSetting as Listed } from '@landfall/contracts';
import { config } from '../fulfillment.config';
import { aCertificate } from '../testing/certificate';
import { registrationsOf } from './credential';

const tenantId = '4a7d4b5e-6c57-4b1a-8f5d-0d2b3a1c9e01';
const clientId = '9d0b1c2e-3f4a-4b5c-8d6e-7f8091a2b3c4';
const nobody = {
  ...{ PUBLISHER_TENANT_ID: undefined, PUBLISHER_CLIENT_ID: undefined, PUBLISHER_CLIENT_SECRET: undefined },
  ...{ PUBLISHER_CERTIFICATE_FILE: undefined, PUBLISHER_FEDERATED_TOKEN_FILE: undefined, PUBLISHER_SECRET_EXPIRES: undefined },
  REGISTRATIONS: [],
};
const none = { ...nobody, PUBLISHER_TENANT_ID: tenantId, PUBLISHER_CLIENT_ID: clientId };
const contoso: Listed = { name: 'contoso', tenantId, clientId: tenantId };

const dir = mkdtempSync(join(tmpdir(), 'landfall-credential-'));
afterAll(() => rmSync(dir, { recursive: true }));
const fileWith = (name: string, content: string) => {
  const file = join(dir, name);
  writeFileSync(file, content);
  return file;
};
const missing = join(dir, 'missing');

it('signs in by the secret, the certificate or the token that is given', () => {
  const certificate = fileWith('given', 'content');
  expect(registrationsOf({ ...none, PUBLISHER_CLIENT_SECRET: 'secret' })).toEqual([
    { name: 'default', tenantId, clientId, credential: { secret: 'secret' }, lifetime: { kind: 'secret', endsAtMs: null } },
  ]);
  expect(registrationsOf({ ...none, PUBLISHER_CERTIFICATE_FILE: certificate })).toMatchObject([
    { credential: { certificate: { pem: 'content' } } },
  ]);
});

it('signs in each listed registration by its own file, beside the single one or without it', () => {
  const clientSecretFile = fileWith('secret', 'secret of contoso\n');
  const certificateFile = fileWith('certificate', 'content');
  const listed = [
    { ...contoso, clientSecretFile },
    { ...contoso, name: 'fabrikam', certificateFile },
  ];
  const read = [
    { name: 'contoso', credential: { secret: 'secret of contoso' } },
    { name: 'fabrikam', credential: { certificate: { pem: 'content' } } },
  ];
  expect(registrationsOf({ ...nobody, REGISTRATIONS: listed })).toMatchObject(read);
  expect(registrationsOf({ ...none, PUBLISHER_CLIENT_SECRET: 'secret', REGISTRATIONS: listed })).toMatchObject([
    { name: 'default' },
    ...read,
  ]);
});

it.each([
  ['the single', (file: string) => ({ ...none, PUBLISHER_FEDERATED_TOKEN_FILE: file })],
  ['a listed', (file: string) => ({ ...nobody, REGISTRATIONS: [{ ...contoso, federatedTokenFile: file }] })],
])('reads the federated token of %s registration anew each time, since the platform renews it', async (_case, settings) => {
  const file = fileWith('token', 'first\n');
  const [{ credential }] = registrationsOf(settings(file)) as [ReturnType<typeof registrationsOf>[number]];
  if (!('federatedToken' in credential)) throw new Error('not a federated token');
  expect(await credential.federatedToken()).toBe('first');
  fileWith('token', 'second\n');
  expect(await credential.federatedToken()).toBe('second');
});

it.each([
  ['none', none],
  ['two', { ...none, PUBLISHER_CLIENT_SECRET: 'secret', PUBLISHER_CERTIFICATE_FILE: 'file' }],
])('refuses to start with %s of them', (_case, values) => {
  expect(() => registrationsOf(values)).toThrow('exactly one must be set');
});

it('refuses a credential that belongs to no registration', () => {
  const listed = [{ ...contoso, clientSecretFile: fileWith('secret', 'x') }];
  expect(() => registrationsOf({ ...nobody, PUBLISHER_CLIENT_SECRET: 'secret', REGISTRATIONS: listed })).toThrow(
    /none may be set without PUBLISHER_TENANT_ID and PUBLISHER_CLIENT_ID/,
  );
});

it('says of every file at once that it can’t be read, or has nothing in it', () => {
  const listed = [
    { ...contoso, clientSecretFile: missing },
    { ...contoso, certificateFile: missing },
    { ...contoso, clientSecretFile: fileWith('empty', '\n') },
  ];
  const start = () => registrationsOf({ ...none, PUBLISHER_CERTIFICATE_FILE: missing, REGISTRATIONS: listed });
  expect(start).toThrow('4 settings are wrong');
  expect(start).toThrow(/PUBLISHER_CERTIFICATE_FILE can't be read: ENOENT/);
  expect(start).toThrow(/REGISTRATIONS\[0\]\.clientSecretFile can't be read: ENOENT/);
  expect(start).toThrow(/REGISTRATIONS\[1\]\.certificateFile can't be read: ENOENT/);
  expect(start).toThrow(/REGISTRATIONS\[2\]\.clientSecretFile names a file that is empty/);
});

describe('when a credential ends', () => {
  const lifetimesOf = (settings: Parameters<typeof registrationsOf>[0]) => registrationsOf(settings).map(({ lifetime }) => lifetime);

  it('is told by the settings for a secret, by itself for a certificate, and by its file for a federated token', () => {
    const single = { ...none, PUBLISHER_CLIENT_SECRET: 'secret', PUBLISHER_SECRET_EXPIRES: '2027-03-01' };
    const listed = [
      { ...contoso, clientSecretFile: fileWith('secret', 'x'), secretExpires: '2027-03-01T12:00:00+01:00' },
      { ...contoso, certificateFile: fileWith('certificate', aCertificate('270301120000Z')) },
      { ...contoso, federatedTokenFile: missing },
    ];
    expect(lifetimesOf({ ...single, REGISTRATIONS: listed })).toEqual([
      { kind: 'secret', endsAtMs: Date.parse('2027-03-01T00:00:00Z') },
      { kind: 'secret', endsAtMs: Date.parse('2027-03-01T11:00:00Z') },
      { kind: 'certificate', endsAtMs: Date.parse('2027-03-01T12:00:00Z') },
      { kind: 'federated token', file: missing },
    ]);
  });

  it('is not told for what is no secret', () => {
    const settings = { ...none, PUBLISHER_CERTIFICATE_FILE: fileWith('given', 'x'), PUBLISHER_SECRET_EXPIRES: '2027-03-01' };
    expect(() => registrationsOf(settings)).toThrow('PUBLISHER_SECRET_EXPIRES is for PUBLISHER_CLIENT_SECRET, which is not set');
  });
});

describe('the settings', () => {
  const needed = { DATABASE_URL: 'postgres://landfall_fulfillment:hush@localhost:5432/landfall', KAFKA_BROKERS: '127.0.0.1:9092' };
  const listed = JSON.stringify([{ name: 'contoso', tenantId, clientId, clientSecretFile: '/secrets/contoso' }]);
  const problemsOf = (environment: Record<string, string>): string => {
    try {
      config.read({ ...needed, ...environment });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('name registrations as a list, as a file with the list, or as the single one', () => {
    expect(problemsOf({ REGISTRATIONS: listed })).toBe('');
    expect(problemsOf({ REGISTRATIONS_FILE: fileWith('list', listed) })).toBe('');
    expect(problemsOf({ PUBLISHER_TENANT_ID: tenantId, PUBLISHER_CLIENT_ID: clientId })).toBe('');
  });

  it('say when a secret ends, and of nothing else', () => {
    const certificate = { name: 'contoso', tenantId, clientId, certificateFile: '/secrets/contoso', secretExpires: '2027-03-01' };
    expect(problemsOf({ REGISTRATIONS: JSON.stringify([certificate]) })).toMatch('secretExpires is for clientSecretFile');
    const secret = { name: 'contoso', tenantId, clientId, clientSecretFile: '/secrets/contoso', secretExpires: 'in March' };
    expect(problemsOf({ REGISTRATIONS: JSON.stringify([secret]) })).toMatch('it must be a date or an instant, ISO 8601');
    expect(problemsOf({ REGISTRATIONS: JSON.stringify([{ ...secret, secretExpires: '2027-03-01' }]) })).toBe('');
  });

  it('name at least one', () => {
    expect(problemsOf({})).toMatch('No registration is known');
  });

  it('contradict each other where two are the same application', () => {
    expect(problemsOf({ PUBLISHER_TENANT_ID: tenantId, PUBLISHER_CLIENT_ID: clientId, REGISTRATIONS: listed })).toMatch(
      'REGISTRATIONS[0] has the tenantId and clientId of PUBLISHER_*',
    );
  });
});
