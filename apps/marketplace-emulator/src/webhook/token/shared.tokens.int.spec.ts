import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { limits } from '../../limits';
import { Publisher } from '../../testing/publisher';

let publisher: Publisher;

beforeEach(async () => {
  publisher = await Publisher.start({ settings: { webhookTimeoutMs: 30_000 } });
});

afterEach(() => publisher.stop());

async function burst(count: number): Promise<number> {
  await publisher.control('POST', '/webhooks/pause');
  await Promise.all(Array.from({ length: count }, () => publisher.buy({ autoActivate: true })));
  await publisher.control('POST', '/webhooks/resume');
  const received = await publisher.webhooks(count);
  return new Set(received.map(({ bearerToken }) => bearerToken)).size;
}

const own = limits.webhooksSignedOneByOne;

it('gives every delivery a token of its own while no great number of them waits', async () => {
  expect(await burst(own)).toBe(own);
});

it('lets many waiting deliveries share a token for a short time, and never where the setting is 0', async () => {
  await publisher.control('PATCH', '/settings', { webhookTokenReuseMs: 60_000 });
  expect(await burst(3 * own)).toBe(own + 2); // one that is shared, and one for each as soon as no more than these wait
  publisher.received.length = 0;
  await publisher.control('PATCH', '/settings', { webhookTokenReuseMs: 0 });
  expect(await burst(2 * own)).toBe(2 * own);
});

it('shares none with another tenant, to which Technical configuration may be changed meanwhile', async () => {
  await publisher.control('PATCH', '/settings', { webhookTokenReuseMs: 60_000 });
  await burst(3 * own);
  publisher.received.length = 0;
  const technicalTenantId = randomUUID();
  await publisher.control('PATCH', `/applications/${publisher.emulator.clientId}`, { technicalTenantId });
  await burst(3 * own);
  const tenants = publisher.received.map(({ bearerToken }) => decodeJwt(bearerToken)['tid']);
  expect([...new Set(tenants)]).toEqual([technicalTenantId]);
});
