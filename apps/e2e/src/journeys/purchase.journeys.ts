import { eventually } from '../eventually';
import { ada, type SystemUnderTest } from '../system';

const chen = 'chen@northwind.example';

export function purchaseJourneys(landfall: SystemUnderTest): void {
  it('leads from a click in the store to active, and all four records agree', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell({ planId: 'gold', quantity: 7 });
    const customer = await landfall.browser.customer();
    await customer.arrive(landingUrl, ada.email);
    await customer.fillForm(ada);
    expect(await customer.page.getByTestId('offer').textContent()).toBe('Contoso Team'); // from the catalog: Microsoft tells no name
    await customer.confirm();
    await eventually(async () => expect((await customer.state()).toLowerCase()).toContain('active'));
    expect(customer.page.url()).not.toContain('token');

    const truth = await landfall.microsoft.truth(subscriptionId);
    expect(truth).toMatchObject({ saasSubscriptionStatus: 'Subscribed', planId: 'gold', quantity: 7, activateCalls: 1 });
    expect(await landfall.record(subscriptionId)).toMatchObject({
      status: 'Subscribed',
      planId: 'gold',
      quantity: 7,
      stage: 'done',
      access: 'full',
    });
    await eventually(() => expect(landfall.topics.kinds(subscriptionId)).toEqual(['purchased', 'confirmed', 'provisioned', 'activated']));
    expect(landfall.topics.events(subscriptionId).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    const activated = landfall.topics.events(subscriptionId).at(-1)!;
    await eventually(() => expect(landfall.topics.snapshot(subscriptionId)?.data).toEqual(activated.data));
    expect(activated.data).toMatchObject({ status: 'Subscribed', access: 'full', current: { planId: 'gold', quantity: 7 } });
    await customer.leave();
  });

  it('is activated at Microsoft after the tenant was made, and not before', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell();
    const customer = await landfall.browser.customer();
    await landfall.product.behaving({ makesInMs: 1_500 }, async () => {
      await customer.arrive(landingUrl, ada.email);
      await customer.fillForm(ada);
      await customer.confirm();
      await eventually(async () => expect((await landfall.microsoft.truth(subscriptionId)).saasSubscriptionStatus).toBe('Subscribed'));
    });
    const calls = await landfall.microsoft.calls(subscriptionId);
    const activate = calls.find(({ path }) => path.toLowerCase().includes('/activate'))!;
    const provisioned = await eventually(() => landfall.topics.events(subscriptionId).find(({ type }) => type.includes('provisioned'))!);
    expect(landfall.product.tenants.has(subscriptionId)).toBe(true);
    expect(Date.parse(activate.at)).toBeGreaterThanOrEqual(Date.parse(provisioned.time));
    await customer.leave();
  });

  it('is changed by nothing that an impatient customer does: reload, double click, two tabs, twenty POSTs (pitfall 12)', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell({ quantity: 3 });
    const customer = await landfall.browser.customer();
    await customer.arrive(landingUrl, ada.email);
    await customer.page.reload();
    await customer.fillForm(ada);
    const tab = await customer.context.newPage();
    await tab.goto(await landfall.microsoft.landingLink(subscriptionId));
    await tab.getByTestId('purchase-state').waitFor();

    const form = await customer.page.getByTestId('confirm-form').evaluate((element) => {
      const { action } = element as unknown as { action: string };
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the browser's own types are not known here
      return { action, body: new URLSearchParams(new (globalThis as any).FormData(element)).toString() };
    });
    const cookies = (await customer.context.cookies(customer.page.url())).map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie: cookies, origin: new URL(customer.page.url()).origin };
    const post = () => fetch(form.action, { method: 'POST', body: form.body, headers, redirect: 'manual' });
    const [answers] = await Promise.all([Promise.all(Array.from({ length: 20 }, post)), customer.page.getByTestId('confirm').dblclick()]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));

    await eventually(async () => expect((await customer.state()).toLowerCase()).toContain('active'));
    await tab.reload();
    await eventually(async () => expect(((await tab.getByTestId('purchase-state').textContent()) ?? '').toLowerCase()).toContain('active'));
    expect((await landfall.microsoft.truth(subscriptionId)).activateCalls).toBe(1);
    await eventually(() => expect(landfall.topics.kinds(subscriptionId)).toEqual(['purchased', 'confirmed', 'provisioned', 'activated']));
    expect(landfall.product.made.filter((made) => made === subscriptionId)).toHaveLength(1);
    await customer.leave();
  });

  it('is shown to nobody but the people whose purchase it is', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell();
    const stranger = await landfall.browser.customer();
    await stranger.arrive(landingUrl, chen);
    await eventually(async () => expect(await stranger.page.locator('[data-state]').first().getAttribute('data-state')).toBe('forbidden'));
    await expect(stranger.page.getByTestId('confirm-form').count()).resolves.toBe(0);
    expect((await landfall.microsoft.truth(subscriptionId)).saasSubscriptionStatus).toBe('PendingFulfillmentStart');
    await stranger.leave();
  });

  it('that Microsoft activated by itself goes the same way without Activate (pitfall 17)', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell({ autoActivate: true });
    await eventually(async () =>
      expect(await landfall.record(subscriptionId)).toMatchObject({ status: 'Subscribed', access: 'none', imported: true }),
    );
    const customer = await landfall.browser.customer();
    await customer.arrive(landingUrl, ada.email);
    await customer.fillForm(ada);
    await customer.confirm();
    await eventually(async () => expect((await customer.state()).toLowerCase()).toContain('active'));
    await eventually(async () => expect(await landfall.record(subscriptionId)).toMatchObject({ stage: 'done', access: 'full' }));
    expect((await landfall.microsoft.truth(subscriptionId)).activateCalls).toBe(0);
    await customer.leave();
  });

  it('with a token that means nothing ends in a clear page, not in an error', async () => {
    const customer = await landfall.browser.customer();
    await customer.arrive(`${landfall.system.run.gatewayUrl}/landing?token=ab%2Bcd%2Fef%3D%3D`, ada.email);
    await eventually(async () => expect(await customer.page.locator('[data-state]').first().getAttribute('data-state')).toBe('unresolved'));
    await customer.leave();
  });

  it("has broken none of Microsoft's rules for publishers on all of these ways", async () => {
    expect(await landfall.microsoft.breaches()).toEqual([]);
  });
}
