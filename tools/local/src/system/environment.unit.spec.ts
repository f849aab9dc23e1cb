import type { EmulatorDetails } from './emulator';
import { environmentOf, type SystemDetails } from './environment';
import { serviceNames } from './services';

const emulator = { apiUrl: 'a', linkHosts: [], clientSecret: 'publisher-secret', signinClientSecret: 'signin-secret' } as unknown;
const userEnv = {
  ...{ PATH: '/bin', WEBHOOK_HOLD_LIMIT: 'PT3S', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' },
  ...{ KAFKA_SASL_PASSWORD: 'broker-secret', AWS_SECRET_ACCESS_KEY: 'cloud-secret', GITHUB_TOKEN: 'forge-secret', PGPASSWORD: 'pg-secret' },
  ...{
    SIGNIN_CLIENT_SECRET_FILE: '/signin-secret',
    PUBLISHER_CERTIFICATE_FILE: '/certificate.pem',
    STRIPE_API_KEY: 'money-secret',
    VETO_SIGNING_KEYS: 'veto-secret',
  },
  ...{ MIGRATION_DATABASE_URL: 'postgres://owner:owner-secret@localhost/landfall' },
};

const registrations = [{ name: 'tailspin', clientSecretFile: '/data/tailspin' }];

function environment(service: string, isEmulated = true, given: Record<string, string> = {}) {
  const ports = { gateway: 1, management: {}, furtherGateways: {} } as unknown as SystemDetails['ports'];
  const marketplace = isEmulated ? (emulator as EmulatorDetails) : undefined;
  const details = {
    ports,
    gatewayUrl: 'g',
    brokers: 'b',
    partitions: 8,
    emulator: marketplace,
    registrations,
    catalogFile: '/catalog.yaml',
    vetoKeyFile: '/keys/veto.secret',
    env: { ...userEnv, ...given },
  };
  const copy = { name: service, service, instance: `${service}-1`, skewMs: 0 };
  return environmentOf(copy, details, `postgres://landfall_${service}:own-secret@localhost/landfall`, `/keys/${service}.json`);
}

const secretsIn = (env: Record<string, string | undefined>) =>
  Object.values(env).flatMap((value) => /[a-z]+-secret|certificate/.exec(value ?? '')?.[0] ?? []);

describe('the environment of a service', () => {
  it.each([
    ['gateway', ['broker-secret', 'own-secret', 'signin-secret', 'signin-secret']],
    ['fulfillment', ['broker-secret', 'certificate', 'own-secret', 'publisher-secret']],
    ['subscription', ['broker-secret', 'own-secret', 'veto-secret']],
    ['provisioning', ['broker-secret', 'own-secret']],
  ])('holds the secrets of %s and of nobody else', (service, secrets) => {
    expect(secretsIn(environment(service)).sort()).toEqual(secrets);
  });

  it('names the catalog of the emulator, unless the user has named one', () => {
    expect(environment('gateway')['CATALOG_FILE']).toBe('/catalog.yaml');
    expect(environment('gateway', true, { CATALOG_FILE: '/mine.yaml' })['CATALOG_FILE']).toBe('/mine.yaml');
  });

  it('lets the subscription service ask products on this machine, by a key of our own, unless the user says otherwise', () => {
    const ours = { OUTGOING_HOSTS: 'localhost:*,127.0.0.1:*', OUTGOING_NETWORKS: '127.0.0.0/8,::1/128' };
    expect(environment('subscription', true, { VETO_SIGNING_KEYS: '' })).toMatchObject({
      ...ours,
      VETO_SIGNING_KEYS_FILE: '/keys/veto.secret',
    });
    const theirs = { OUTGOING_HOSTS: 'desk.fabrikam.example', VETO_SIGNING_KEYS: 'veto-secret' };
    expect(environment('subscription', true, theirs)).toMatchObject(theirs);
    expect(environment('subscription', true, theirs)).not.toHaveProperty('VETO_SIGNING_KEYS_FILE');
    expect(environment('gateway')).not.toHaveProperty('OUTGOING_HOSTS');
  });

  it('holds what is no secret', () => {
    for (const service of serviceNames)
      expect(environment(service, false)).toMatchObject({
        ...{ PATH: '/bin', WEBHOOK_HOLD_LIMIT: 'PT3S', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' },
        KEYRING_FILE: `/keys/${service}.json`,
        REGISTRATIONS: JSON.stringify(registrations),
      });
  });
});
