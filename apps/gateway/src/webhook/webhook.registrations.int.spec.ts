import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { counted } from '../testing/webhook.fixture';

const fabrikam = { name: 'fabrikam', tenantId: randomUUID(), clientId: randomUUID(), clientSecretFile: '/nowhere' };
/** Another application in Fabrikam's tenant: only the audience tells them apart. */
const outlet = { name: 'fabrikam-outlet', tenantId: fabrikam.tenantId, clientId: randomUUID(), clientSecretFile: '/nowhere' };
const tailspin = {
  name: 'tailspin',
  tenantId: randomUUID(),
  clientId: randomUUID(),
  webhookAudience: 'api://tailspin',
  clientSecretFile: '/nowhere',
};

let gateway: TestGateway;
let contoso: { tenantId: string; clientId: string };
beforeAll(async () => {
  gateway = await startGateway({ REGISTRATIONS: JSON.stringify([fabrikam, outlet, tailspin]) });
  for (const { tenantId } of [fabrikam, tailspin]) gateway.identity.addTenant(tenantId);
  contoso = { tenantId: gateway.identity.tenantId, clientId: 'publisher-client' };
});
afterAll(() => gateway.close());

const publishers = () => ({ contoso, fabrikam, outlet, tailspin: { ...tailspin, clientId: tailspin.webhookAudience } });
type Publisher = keyof ReturnType<typeof publishers>;
const versions = ['1.0', '2.0'] as const;
type Version = (typeof versions)[number];

/** As Microsoft makes it for a publisher's webhooks, and as somebody would forge it. */
function tokenFor(publisher: Publisher, version: Version = '2.0', changes: JWTPayload = {}): Promise<string> {
  const { tenantId, clientId } = publishers()[publisher];
  const iss = gateway.identity.issuer(version, tenantId);
  return gateway.identity.webhookToken({ tid: tenantId, aud: clientId, iss, ...changes }, { version });
}

async function post(path: string, token: string, body: object): Promise<number> {
  const init = { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${token}` } };
  const response = await fetch(`${gateway.url}${path}`, init);
  await response.arrayBuffer();
  return response.status;
}

const notification = () => ({ id: randomUUID(), subscriptionId: randomUUID(), action: 'Unsubscribe' });
const stored = (operationId: string) =>
  gateway.query('select registration, answer from gateway.webhook_deliveries where operation_id = $1', [operationId]);
const received = async (operationId: string) =>
  (await gateway.sent()).filter(({ type, data }) => type.includes('webhook-received') && data['operationId'] === operationId);
const alarms = () => gateway.logged().split('a webhook needs attention').length - 1;
const deliveries = async () => (await gateway.query('select from gateway.webhook_deliveries')).length;

describe.each(versions)('a genuine token in its form %s', (version) => {
  it.each<[Publisher, string, string]>([
    ['contoso', '/webhook', 'default'],
    ['contoso', '/webhook/default', 'default'],
    ['fabrikam', '/webhook/fabrikam', 'fabrikam'],
    ['fabrikam', '//Webhook/Fabrikam/', 'fabrikam'],
    ['outlet', '/webhook/fabrikam-outlet', 'fabrikam-outlet'],
    ['tailspin', '/webhook/tailspin', 'tailspin'],
  ])('of %s is taken at %s, and what is stored and published names the registration %s', async (publisher, path, registration) => {
    const webhook = notification();
    expect(await post(path, await tokenFor(publisher, version), webhook)).toBe(200);
    expect(await stored(webhook.id)).toEqual([{ registration, answer: 200 }]);
    expect(await received(webhook.id)).toMatchObject([{ data: { registration } }]);
    expect(await counted({ outcome: 'handled', registration })).toBeGreaterThan(0);
  });

  it.each<[Publisher, string, string]>([
    ['contoso', '/webhook/fabrikam', 'fabrikam'],
    ['contoso', '/webhook/tailspin', 'tailspin'],
    ['fabrikam', '/webhook', 'default'],
    ['fabrikam', '/webhook/tailspin', 'tailspin'],
    ['tailspin', '/webhook/default', 'default'],
    ['tailspin', '/webhook/fabrikam', 'fabrikam'],
  ])('of %s is refused at %s: it is of another tenant, nothing is stored and nobody is alarmed', async (publisher, path, registration) => {
    const webhook = notification();
    const before = [await deliveries(), alarms(), await counted({ outcome: 'rejected', reason: 'tenant', registration })] as const;
    expect(await post(path, await tokenFor(publisher, version), webhook)).toBe(401);
    expect(await received(webhook.id)).toEqual([]);
    const after = [await deliveries(), alarms(), await counted({ outcome: 'rejected', reason: 'tenant', registration })];
    expect(after).toEqual([before[0], before[1], before[2] + 1]);
  });

  it.each<[Publisher, string, string]>([
    ['fabrikam', '/webhook/fabrikam-outlet', 'fabrikam-outlet'],
    ['outlet', '/webhook/fabrikam', 'fabrikam'],
  ])(
    'of %s is asked to come again at %s, of the same tenant: the claims are kept, and nothing is published',
    async (publisher, path, registration) => {
      const webhook = notification();
      const [before, kept] = [alarms(), await counted({ outcome: 'foreign-audience', registration })];
      const uti = randomUUID();
      expect(await post(path, await tokenFor(publisher, version, { uti }), webhook)).toBe(503);
      expect(await received(webhook.id)).toEqual([]);
      const rows = await gateway.query(
        `select registration, encrypted_body, answer from gateway.webhook_deliveries where claims->>'uti' = $1`,
        [uti],
      );
      expect(rows).toEqual([{ registration, encrypted_body: null, answer: 503 }]);
      expect([alarms(), await counted({ outcome: 'foreign-audience', registration })]).toEqual([before + 1, kept + 1]);
    },
  );

  it.each<[string, string, Publisher, () => JWTPayload, number]>([
    ['Contoso’s tenant in its place', '/webhook', 'fabrikam', () => ({ tid: contoso.tenantId }), 401],
    ['Contoso’s tenant and audience in their place', '/webhook', 'fabrikam', () => ({ tid: contoso.tenantId, aud: contoso.clientId }), 401],
    ['Contoso’s issuer in its place', '/webhook/fabrikam', 'fabrikam', () => ({ iss: gateway.identity.issuer(version) }), 401],
    ['Contoso’s audience in its place', '/webhook/fabrikam', 'fabrikam', () => ({ aud: contoso.clientId }), 503],
    ['the client id where another audience was agreed', '/webhook/tailspin', 'tailspin', () => ({ aud: tailspin.clientId }), 503],
    ['another caller', '/webhook/fabrikam', 'fabrikam', () => ({ appid: randomUUID(), azp: randomUUID() }), 401],
  ])('with %s is never taken at %s', async (_case, path, publisher, changes, status) => {
    const webhook = notification();
    expect(await post(path, await tokenFor(publisher, version, changes()), webhook)).toBe(status);
    expect(await stored(webhook.id)).toEqual([]);
    expect(await received(webhook.id)).toEqual([]);
  });
});

it.each<Publisher>(['contoso', 'fabrikam', 'outlet', 'tailspin'])(
  'a genuine token of %s at an address that is nobody’s raises the alarm of an unknown registration, and Microsoft comes again',
  async (publisher) => {
    const before = [await deliveries(), alarms(), await counted({ outcome: 'unknown-registration', registration: 'unknown' })] as const;
    expect(await post('/webhook/nobody', await tokenFor(publisher), notification())).toBe(503);
    const after = [await deliveries(), alarms(), await counted({ outcome: 'unknown-registration', registration: 'unknown' })];
    expect(after).toEqual([before[0], before[1] + 1, before[2] + 1]);
  },
);

it('what one publisher’s token says of another’s operation makes the other’s own delivery no repetition', async () => {
  const webhook = notification();
  expect(await post('/webhook/fabrikam', await tokenFor('fabrikam'), webhook)).toBe(200);
  for (let time = 0; time < 2; time++) expect(await post('/webhook', await tokenFor('contoso'), webhook)).toBe(200);
  const messages = await received(webhook.id);
  expect(messages.map(({ data }) => data['registration'])).toEqual(['fabrikam', 'default']);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
  expect(await stored(webhook.id)).toHaveLength(2);
});

it('who uses up the readings of one registration’s keys keeps no genuine webhook from another', async () => {
  for (const publisher of ['contoso', 'fabrikam', 'tailspin'] as const) {
    const path = publisher === 'contoso' ? '/webhook' : `/webhook/${publisher}`;
    expect(await post(path, await tokenFor(publisher), notification())).toBe(200); // its keys were read now or before
  }
  gateway.identity.rotateKeys();
  jest.useFakeTimers({
    now: Date.now() + 61_000,
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'queueMicrotask'],
  });
  try {
    const { tenantId, clientId } = fabrikam;
    const claims = { tid: tenantId, aud: clientId, iss: gateway.identity.issuer('2.0', tenantId) };
    const forged = await gateway.identity.webhookToken(claims, { kid: 'made-up' });
    expect(await post('/webhook/fabrikam', forged, notification())).toBe(503); // the one reading of this minute
    jest.setSystemTime(Date.now() + 1_000);
    expect(await post('/webhook/fabrikam', forged, notification())).toBe(503);
    expect(await post('/webhook/tailspin', await tokenFor('tailspin'), notification())).toBe(200);
    expect(await post('/webhook', await tokenFor('contoso'), notification())).toBe(200);
    expect(await post('/webhook/fabrikam', await tokenFor('fabrikam'), notification())).toBe(200); // read together with the made-up one
  } finally {
    jest.useRealTimers();
  }
});
