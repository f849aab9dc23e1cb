import { call, Publisher, until } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start({ landingUrl: 'http://localhost:4711/landing' });
});

afterAll(() => publisher.stop());

/** Sends a form and returns where it leads. */
async function submit(path: string, form: Record<string, string>): Promise<string> {
  const origin = publisher.emulator.authorityUrl;
  const { status, headers } = await call('POST', `${origin}${path}`, new URLSearchParams(form).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(status).toBe(303);
  return headers.get('location') as string;
}

const show = async (path: string) => (await call('GET', `${publisher.emulator.authorityUrl}${path}`)).body as string;

it('sells, and sends the buyer to the landing page with a fresh token at each click', async () => {
  const page = await submit('/store/purchases', { offerId: 'contoso-team', planId: 'gold', quantity: '12', termUnit: 'P1Y' });
  const id = page.split('/').at(-1) as string;
  expect(await publisher.truth(id)).toMatchObject({ planId: 'gold', quantity: 12, term: { termUnit: 'P1Y' } });
  expect(await show(page)).toContain('Configure account');
  const links = [];
  for (let click = 0; click < 2; click++)
    links.push((await call('GET', `${publisher.emulator.storeUrl}/subscriptions/${id}/configure`)).headers.get('location'));
  expect(links[0]).toMatch(/^http:\/\/localhost:4711\/landing\?token=/);
  expect(links[1]).not.toBe(links[0]);
});

it('sells an automatically activated plan', async () => {
  const page = await submit('/store/purchases', { offerId: 'contoso-reach', planId: 'instant' });
  expect(await publisher.truth(page.split('/').at(-1) as string)).toMatchObject({ saasSubscriptionStatus: 'Subscribed' });
});

it('lets one do what can be done in each state', async () => {
  const id = await publisher.subscribe();
  const page = `/store/subscriptions/${id}`;
  expect(await show(page)).toContain('Manage account');
  await submit(`${page}/change-quantity`, { quantity: '9' });
  await publisher.webhooks(1);
  expect(await show(page)).toContain(`pending-${id}`);
  await submit(`${page}/suspend`, {});
  expect(await show(page)).toContain('Payment arrives');
  await submit(`${page}/unsubscribe`, {});
  expect((await publisher.truth(id)).saasSubscriptionStatus).toBe('Unsubscribed');
});

it('shows what a change was to lead to, with which words the publisher refused it, and that Microsoft took it back', async () => {
  const id = await publisher.subscribe();
  await publisher.control('PATCH', '/settings', { autoAcceptMs: 60_000 }); // a refusal is in time, however busy the machine is
  publisher.answer = (body) => (body.planId === 'gold' ? 400 : 200);
  publisher.answerBody = '{"reason":"Not <today>"}';
  await submit(`/store/subscriptions/${id}/change-plan`, { planId: 'gold' });
  await publisher.webhooks(2);
  const page = () => show(`/store/subscriptions/${id}`);
  await until('the page tells it', async () => /takes back what the publisher refused[^]*the change is refused/.test(await page()));
  const html = await page();
  expect(html).toContain('<strong>ChangePlan</strong> to gold Failed');
  expect(html).toContain('<strong>ChangePlan</strong> to silver');
  expect(html).toContain('&quot;Not &lt;today&gt;&quot;');
});

it('explains on the page what it does not do, and shows no markup that came in by a name', async () => {
  const id = await publisher.subscribe({ name: '<b>Bold & co</b>' });
  const back = await submit(`/store/subscriptions/${id}/change-quantity`, { quantity: '1000' });
  const html = await show(back);
  expect(html).toContain('allows 1 to 100 seats');
  expect(html).toContain('&lt;b&gt;Bold &amp; co&lt;/b&gt;');
  expect(await submit('/store/purchases', { offerId: 'nothing' })).toContain('message=');
});

it('is found from the front page, and has no favicon', async () => {
  expect(await show('/')).toContain('href="/store"');
  expect((await call('GET', `${publisher.emulator.authorityUrl}/favicon.ico`)).status).toBe(204);
});

it('shows the token itself where no landing page is set', async () => {
  await publisher.control('PATCH', '/settings', { landingUrl: null });
  const { landingUrl } = (await publisher.control('POST', '/purchases')).body;
  expect((await call('GET', landingUrl)).body).toContain('data-testid="token"');
});

it('shows what is not connected yet, and how to connect it', async () => {
  await publisher.control('PATCH', '/settings', { landingUrl: null, webhookUrl: null });
  const html = await show('/store');
  for (const hint of ['--landing-url', '--webhook-url', '/control/settings']) expect(html).toContain(hint);
  await publisher.control('POST', '/reset');
  expect(await show('/store')).not.toContain('--webhook-url');
});

it('shows what a plan costs and how many seats it has', async () => {
  expect(await show('/store')).toContain('Platinum: 10 to 100000 seats at 22 USD a month');
  expect(await show('/store')).toContain('Base: 100 USD a month');
});

it('shows on the page of a subscription what became of its webhooks, and what comes next', async () => {
  const id = await publisher.buy();
  const page = `/store/subscriptions/${id}`;
  expect(await show(page)).toContain('until the publisher calls Activate');
  publisher.answer = () => 503;
  await submit(`${page}/unsubscribe`, {});
  await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);
  await until('a delivery that is shown', async () => (await show(page)).includes('answered 503'));
  expect(await show(page)).toContain('not received yet');
});

it('the first page leads to everything that can be looked at', async () => {
  const { origin } = new URL(publisher.emulator.storeUrl);
  const { status, body } = await call('GET', `${origin}/`);
  expect(status).toBe(200);
  const links = [...String(body).matchAll(/href="([^"]+)"/g)].map(([, link]) => link as string);
  expect(links.length).toBeGreaterThan(10);
  for (const link of links) expect([link, (await call('GET', `${origin}${link}`)).status]).toEqual([link, 200]);
  expect(body).toContain(`${publisher.emulator.controlUrl}/clock/advance`);
});
