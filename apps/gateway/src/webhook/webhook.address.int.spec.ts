import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { counted } from '../testing/webhook.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

/** As it stands on the wire: clients tidy addresses up before they send them. */
async function post(target: string, { body, token }: { body: string; token?: string }): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const authorization = token ? `authorization: Bearer ${token}\r\n` : '';
  const length = Buffer.byteLength(body);
  socket.write(
    `POST ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${authorization}content-type: text/odd\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return { status: Number(text.split(' ', 2)[1]), text };
}

const alarms = () => gateway.logged().split('a webhook needs attention').length - 1;

it.each([
  ...['/webhook', '//webhook', '/Webhook', '/webhook/', '/%77ebhook', '/webhook/default', '/x/../webhook', '/webhook?code=1'],
  ...['http://landfall.example/webhook', 'https://landfall.example//webhook/default'],
])('a webhook comes in whole at %s', async (target) => {
  const id = randomUUID();
  const body = JSON.stringify({ id, subscriptionId: randomUUID(), action: 'Renew', padding: 'x'.repeat(20_000) });
  expect((await post(target, { body, token: await gateway.identity.webhookToken() })).status).toBe(200);
  const [row] = await gateway.query('select encrypted_body from gateway.webhook_deliveries where operation_id = $1', [id]);
  expect(await gateway.decryptedColumn(row!['encrypted_body'])).toBe(body);
});

it.each(['/webhook/elsewhere', '/webhook/a/b', '/webhook/%00', `/webhook/${'x'.repeat(3_000)}`])(
  'nobody knows the registration at %s: Microsoft is asked to come again and an operator is told, but nobody else can raise that alarm',
  async (target) => {
    const before = [alarms(), await counted({ outcome: 'unknown-registration' })] as const;
    for (const token of [undefined, 'junk', await gateway.identity.webhookToken({ tid: randomUUID() })])
      expect((await post(target, { body: '{}', ...(token && { token }) })).status).toBe(401);
    expect([alarms(), await counted({ outcome: 'unknown-registration' })]).toEqual(before);
    expect((await post(target, { body: '{}', token: await gateway.identity.webhookToken() })).status).toBe(503);
    expect([alarms(), await counted({ outcome: 'unknown-registration' })]).toEqual([before[0] + 1, before[1] + 1]);
  },
);

it('nobody without proof raises any alarm, whatever is sent', async () => {
  const before = alarms();
  // a large body may meet the end of its connection before the answer is read: here the alarms alone matter
  for (const body of ['', 'no json', '{}', 'x'.repeat(300_000)]) await post('/webhook', { body, token: 'junk' }).catch(() => undefined);
  expect(alarms()).toBe(before);
});

it('reads the source also where an older payload has it', async () => {
  const id = randomUUID();
  const body = JSON.stringify({ id, subscriptionId: randomUUID(), action: 'Renew', operationRequestedSource: 'Partner' });
  await post('/webhook', { body, token: await gateway.identity.webhookToken() });
  expect((await gateway.sent()).filter(({ data }) => data['operationId'] === id)[0]?.data['source']).toBe('Partner');
});
