import { randomUUID } from 'node:crypto';
import { register } from '@landfall/service-defaults';
import { arrive, statuses } from '../testing/arrivals.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';
import { ARRIVALS_AT_ONCE } from './address.budget';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ TRUSTED_PROXIES: '10.0.0.0/8' });
});
afterAll(() => gateway.close());

/** As many as an address has at once, and enough beyond them for whatever time adds while they are sent. */
const many = ARRIVALS_AT_ONCE * 3;

describe('of one address', () => {
  it('so many arrivals are taken; then a page says when to come again, whatever X-Forwarded-For says', async () => {
    let visitor = 0;
    const found = await statuses(many, () => arrive(gateway.url, { 'x-forwarded-for': `198.51.100.${visitor++}` }));
    expect(new Set(found)).toEqual(new Set([303, 429]));
    expect(found.filter((status) => status === 303).length).toBeGreaterThanOrEqual(ARRIVALS_AT_ONCE);
    const page = await gateway.browser().get('/signin');
    expect([page.status, page.state]).toEqual([429, 'too-many']);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(page.html).toContain('From your network more was opened in a short time than we can look up. Please try again in a minute.');
    expect(await register.getSingleMetricAsString('gateway_requests_over_budget_total')).toMatch(/budget="address"\} [1-9]/);
  });

  it('that is no trusted proxy and sends X-Forwarded-For an operator is told once: it may be a proxy that was forgotten', async () => {
    for (let visit = 0; visit < 3; visit++) await arrive(gateway.url, { 'x-forwarded-for': '198.51.100.1' });
    expect(gateway.logged().split('X-Forwarded-For came from an address that TRUSTED_PROXIES does not name')).toHaveLength(2);
  });

  it('the webhook takes any number', async () => {
    expect(await statuses(many, () => arrive(gateway.url))).toContain(429);
    const headers = { authorization: `Bearer ${await gateway.identity.webhookToken()}` };
    const post = () =>
      fetch(`${gateway.url}/webhook`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ id: randomUUID(), subscriptionId: randomUUID(), action: 'Renew' }),
      });
    expect(new Set(await statuses(many, post))).toEqual(new Set([200]));
  });
});
