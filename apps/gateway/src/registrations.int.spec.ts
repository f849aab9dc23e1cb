import { randomUUID } from 'node:crypto';
import { config } from './gateway.config';
import { startGateway, type TestGateway } from './testing/gateway.fixture';

const fabrikam = { name: 'fabrikam', tenantId: randomUUID(), clientId: randomUUID(), clientSecretFile: '/nowhere' };

describe('an installation that lists all its registrations', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ PUBLISHER_TENANT_ID: '', PUBLISHER_CLIENT_ID: '', REGISTRATIONS: JSON.stringify([fabrikam]) });
    gateway.identity.addTenant(fabrikam.tenantId);
  });
  afterAll(() => gateway.close());

  it.each([
    ['/landing', 404],
    ['/landing/default', 404],
    ['/landing/fabrikam', 303],
  ])('answers a customer at %s with %s', async (path, status) => {
    expect((await gateway.browser().get(`${path}?token=abc`)).status).toBe(status);
  });

  it.each([
    ['/webhook', 503],
    ['/webhook/default', 503],
    ['/webhook/fabrikam', 200],
  ])('answers Microsoft at %s with %s', async (path, status) => {
    const { tenantId, clientId } = fabrikam;
    const token = await gateway.identity.webhookToken({ tid: tenantId, aud: clientId, iss: gateway.identity.issuer('2.0', tenantId) });
    const body = JSON.stringify({ id: randomUUID(), subscriptionId: randomUUID(), action: 'Renew' });
    const answer = await fetch(`${gateway.url}${path}`, { method: 'POST', body, headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(status);
  });
});

describe('the settings of the registrations', () => {
  const single = { PUBLISHER_TENANT_ID: randomUUID(), PUBLISHER_CLIENT_ID: randomUUID() };
  const read = (given: Record<string, string>) => () =>
    config.read({
      DATABASE_URL: 'postgres://a:b@localhost:5432/c',
      KAFKA_BROKERS: 'localhost:9092',
      SIGNIN_CLIENT_ID: 'x',
      SIGNIN_CLIENT_SECRET: 'y',
      ...given,
    });

  it.each<[string, Record<string, string>]>([
    ['one alone', single],
    ['one beside a list', { ...single, REGISTRATIONS: JSON.stringify([fabrikam]) }],
    ['a list alone', { REGISTRATIONS: JSON.stringify([fabrikam]) }],
  ])('may be %s', (_case, given) => expect(read(given)).not.toThrow());

  it.each<[string, Record<string, string>, RegExp]>([
    ['none at all', {}, /No registration is known/],
    ['one without its application', { PUBLISHER_TENANT_ID: randomUUID() }, /PUBLISHER_CLIENT_ID is not set/],
    [
      'two of one name',
      { ...single, REGISTRATIONS: JSON.stringify([{ ...fabrikam, name: 'default' }]) },
      /REGISTRATIONS\[0\] has the name of PUBLISHER_\*/,
    ],
    ['one with a secret in it', { ...single, REGISTRATIONS: JSON.stringify([{ ...fabrikam, clientSecret: 'hush' }]) }, /REGISTRATIONS/],
  ])('are refused at start where they are %s', (_case, given, problem) => expect(read(given)).toThrow(problem));
});
