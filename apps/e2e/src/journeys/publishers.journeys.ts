import { eventually } from '../eventually';
import { ada, type SystemUnderTest } from '../system';

/** The publisher that sells beside the one of the `PUBLISHER_*` settings. */
export const secondPublisher = 'tailspin';

export function publishersJourneys(landfall: SystemUnderTest): void {
  /** What the first publisher sold, and the second. */
  let first = '';
  let second = '';
  const theSecond = () => landfall.system.run.publishers.find(({ name }) => name === secondPublisher)!;
  const webhookOfTheFirst = () => theSecond().webhookUrl.replace(`/${secondPublisher}`, '');

  /** When what came later, to the first publisher, has gone all the way, whatever came to the second before has had its chance. */
  async function laterNewsHasGoneAllTheWay(): Promise<void> {
    const { quantity } = (await landfall.record(first)) as { quantity: number };
    await landfall.microsoft.act(first, 'change-quantity', { quantity: quantity + 1 });
    await eventually(async () => expect(await landfall.record(first)).toMatchObject({ quantity: quantity + 1, openOperations: [] }));
  }

  beforeAll(async () => {
    const orders = [
      { planId: 'silver', quantity: 5 },
      { planId: 'silver', quantity: 5, offerId: theSecond().offerId },
    ];
    [first = '', second = ''] = await Promise.all(orders.map((order) => landfall.activeSubscription(order)));
  });

  it('sell, land, activate, change, suspend, reinstate side by side, each as if it were alone', async () => {
    for (const id of [first, second])
      expect(await landfall.microsoft.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Subscribed', activateCalls: 1 });
    const steps = [
      { act: 'change-plan', body: { planId: 'gold' }, record: { planId: 'gold', access: 'full' } },
      { act: 'suspend', body: {}, record: { status: 'Suspended', access: 'limited' } },
      { act: 'reinstate', body: {}, record: { status: 'Subscribed', access: 'full' } },
    ];
    for (const { act, body, record } of steps) {
      await Promise.all([first, second].map((id) => landfall.microsoft.act(id, act, body)));
      for (const id of [first, second])
        await eventually(async () => expect(await landfall.record(id)).toMatchObject({ ...record, openOperations: [] }));
    }
    for (const id of [first, second])
      await eventually(() =>
        expect(landfall.topics.kindsWithoutUpdates(id)).toEqual([
          ...['purchased', 'confirmed', 'provisioned', 'activated'],
          ...['plan-changed', 'suspended', 'reinstated'],
        ]),
      );
    const offerOf = (id: string) => new Set(landfall.topics.events(id).map(({ data }) => (data as { offerId: string }).offerId));
    expect([offerOf(first), offerOf(second)]).toEqual([new Set(['contoso-team']), new Set([theSecond().offerId])]);
  });

  it('are not forged for each other: a genuine token of one at the address of the other is refused, and changes nothing', async () => {
    for (const id of [first, second]) {
      const before = await landfall.record(id);
      const suspension = (await landfall.microsoft.deliveries(id)).find(({ action }) => action === 'Suspend')!;
      expect(await landfall.microsoft.forge(suspension.id, 'other-publisher')).toBe(401);
      if (id === second) await laterNewsHasGoneAllTheWay();
      expect(await landfall.record(id)).toMatchObject({ status: 'Subscribed', version: before['version'] });
    }
  });

  it("have broken none of Microsoft's rules for publishers, nor asked about each other's subscriptions", async () => {
    expect(await landfall.microsoft.breaches()).toEqual([]);
  });

  it('learn nothing from a webhook that Partner Center sends to the other’s address, and everything once the address is right (pitfall 34)', async () => {
    const before = await landfall.record(second);
    const operationId = await landfall.microsoft.withWebhookAt(theSecond().offerId, webhookOfTheFirst(), async () => {
      const suspension = await landfall.microsoft.act(second, 'suspend');
      await eventually(async () => {
        const sent = (await landfall.microsoft.deliveries(second)).filter((delivery) => delivery.operationId === suspension);
        expect(sent.map(({ answer }) => answer?.status)).toContain(401);
      });
      await laterNewsHasGoneAllTheWay();
      expect(await landfall.record(second)).toMatchObject({ status: 'Subscribed', access: 'full', version: before['version'] });
      return suspension;
    });
    expect(await landfall.microsoft.deliverNow(operationId)).toBe(200);
    await eventually(async () => expect(await landfall.record(second)).toMatchObject({ status: 'Suspended', access: 'limited' }));
    // the referee saw a genuine webhook turned away, and nothing else
    const breaches = await landfall.microsoft.breaches();
    expect(new Set(breaches.map(({ rule }) => rule))).toEqual(new Set(['genuine-turned-away']));
    await landfall.microsoft.forgetBreaches();
  });

  it('do not sell for each other: a link of one leads nowhere at the other’s landing page, and to the purchase at its own', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell({ offerId: theSecond().offerId });
    const astray = new URL(landingUrl);
    astray.pathname = '/landing';
    const refused = await landfall.microsoft.refusedResolves();
    const customer = await landfall.browser.customer();
    await customer.arrive(astray.href, ada.email);
    await eventually(async () => expect(await landfall.microsoft.refusedResolves()).toBeGreaterThan(refused));
    await customer.page.reload();
    await expect(customer.page.getByTestId('confirm-form').count()).resolves.toBe(0);
    await expect(landfall.record(subscriptionId)).rejects.toThrow('404');
    expect(await landfall.microsoft.truth(subscriptionId)).toMatchObject({
      saasSubscriptionStatus: 'PendingFulfillmentStart',
      activateCalls: 0,
    });

    await customer.arrive(landingUrl, ada.email);
    await customer.fillForm(ada);
    await customer.confirm();
    await eventually(async () => expect(await landfall.record(subscriptionId)).toMatchObject({ status: 'Subscribed', access: 'full' }));
    await customer.leave();
  });
}
