import { eventually } from '../eventually';
import type { Customer } from '../customer';
import { ada, type SystemUnderTest } from '../system';

/** A colleague of Ada's, the partner who sells to them, and somebody of another company. */
const bruno = 'bruno@fabrikam.example';
const rita = 'rita@wingtip.example';
const chen = 'chen@northwind.example';

const externalId = '6f9619ff-8b86-4011-b42d-00c04fc964ff';
const startOfEach = ['purchased', 'confirmed', 'provisioned', 'activated'];

/** The same flows for all channels (contract 1.2): what differs is who may do what, under which limits, and how the offer is called. */
export function channelJourneys(landfall: SystemUnderTest): void {
  const [csp, fieldLed, preview] = ['csp', 'field-led', 'preview'].map((channel) => ({ channel, id: '' })) as [Sold, Sold, Sold];

  it('sells through a partner: customer, colleague and partner may confirm, nobody else sees it, and access is the customer’s (pitfall 11)', async () => {
    const { subscriptionId, landingUrl } = await landfall.microsoft.sell({ channel: 'csp', planId: 'silver', quantity: 5 });
    csp.id = subscriptionId;
    const seen = await Promise.all(
      [ada.email, bruno, rita].map(async (person) => {
        const customer = await landfall.browser.customer();
        await customer.arrive(landingUrl, person);
        await customer.page.getByTestId('confirm-form').waitFor();
        const buyer = await customer.page.getByTestId('buyer').textContent();
        if (person !== ada.email) await customer.leave();
        return { customer, buyer };
      }),
    );
    expect(seen.map(({ buyer }) => buyer)).toEqual([
      'A partner, on your behalf',
      'A partner, on your behalf',
      expect.stringMatching(/Rita.* \(you\)$/),
    ]);
    await expectForbidden(landfall, landingUrl, chen);
    await confirmed(landfall, csp.id, seen[0]!.customer);

    const { beneficiary, purchaser } = (await landfall.microsoft.truth(csp.id)) as unknown as Record<'beneficiary' | 'purchaser', Party>;
    expect(beneficiary.tenantId).not.toBe(purchaser.tenantId);
    for (const { data } of landfall.topics.events(csp.id))
      expect(data).toMatchObject({
        beneficiary: { tenantId: beneficiary.tenantId, objectId: beneficiary.objectId },
        purchaser: { tenantId: purchaser.tenantId, objectId: purchaser.objectId },
        allowedCustomerOperations: ['Read'],
      });
    expect(await landfall.record(csp.id)).toMatchObject({ allowedCustomerOperations: ['Read'], privateOfferId: null });
  });

  it('sells in the field: the private offer is named, and its limits hold in the place of the plan’s', async () => {
    const expiresAt = new Date((await landfall.microsoft.now()).getTime() + 86_400_000).toISOString();
    const privateOffer = { externalId, seats: { min: 200, max: 400 }, discountPercent: 25, expiresAt };
    const order = { planId: 'silver', quantity: 300, termUnit: 'P1M', privateOffer }; // silver has 100 seats at most
    const { subscriptionId, customer } = await landfall.atTheButton(order);
    fieldLed.id = subscriptionId;
    expect(await customer.page.getByTestId('seats').textContent()).toBe('300');
    await confirmed(landfall, fieldLed.id, customer);
    expect(await landfall.record(fieldLed.id)).toMatchObject({ privateOfferId: externalId, quantity: 300 });
    await landfall.microsoft.act(fieldLed.id, 'change-quantity', { quantity: 350 });
    await eventually(() => expect(landfall.topics.kinds(fieldLed.id).at(-1)).toBe('quantity-changed'));
    await eventually(() => expectEqual(landfall, fieldLed.id));
    for (const { data } of landfall.topics.events(fieldLed.id)) expect(data).toMatchObject({ privateOfferId: externalId });
  });

  it('sells a preview: Microsoft’s offer id ends in -preview, ours is that of the catalog, and everybody is told (pitfall 24)', async () => {
    const { subscriptionId, customer } = await landfall.atTheButton({ preview: true, planId: 'silver', quantity: 5 });
    preview.id = subscriptionId;
    expect(await customer.page.getByTestId('offer').textContent()).toBe('Contoso Team'); // the catalog has no offer of that id
    await confirmed(landfall, preview.id, customer);
    expect(await landfall.microsoft.truth(preview.id)).toMatchObject({ offerId: 'contoso-team-preview', isTest: false });
    expect(await landfall.record(preview.id)).toMatchObject({ offerId: 'contoso-team', isPreview: true });
    for (const { data } of landfall.topics.events(preview.id)) expect(data).toMatchObject({ offerId: 'contoso-team', isPreview: true });
  });

  it('lets each live to its end as any other: change, suspend, reinstate, renew, unsubscribe', async () => {
    const lifeOf = async ({ id }: Sold) => {
      const { quantity } = await landfall.microsoft.truth(id);
      const steps = [
        { act: 'suspend', body: {}, event: 'suspended', record: { status: 'Suspended', access: 'limited' } },
        { act: 'reinstate', body: {}, event: 'reinstated', record: { status: 'Subscribed', access: 'full' } },
        { act: 'renew', body: {}, event: 'renewed', record: { status: 'Subscribed', access: 'full' } },
        { act: 'change-plan', body: { planId: 'gold' }, event: 'plan-changed', record: { planId: 'gold', quantity, access: 'full' } },
        { act: 'unsubscribe', body: {}, event: 'unsubscribed', record: { status: 'Unsubscribed', access: 'ended' } },
      ];
      for (const { act, body, event, record } of steps) {
        await landfall.microsoft.act(id, act, body);
        await eventually(() => expect(landfall.topics.kinds(id)).toContain(event));
        await eventually(async () => expect(await landfall.record(id)).toMatchObject({ ...record, openOperations: [] }));
        await eventually(() => expectEqual(landfall, id));
      }
      return landfall.topics.kindsWithoutUpdates(id);
    };
    const end = ['suspended', 'reinstated', 'renewed', 'plan-changed', 'unsubscribed'];
    const lives = await Promise.all([csp, fieldLed, preview].map(lifeOf));
    expect(lives).toEqual([
      [...startOfEach, ...end],
      [...startOfEach, 'quantity-changed', ...end],
      [...startOfEach, ...end],
    ]);
    for (const { id } of [csp, fieldLed, preview]) expect((await landfall.microsoft.truth(id)).activateCalls).toBe(1);
  });

  it('goes on at list price once a private offer has expired, without a word to the publisher', async () => {
    const { terms } = await landfall.microsoft.invoice(fieldLed.id);
    expect(terms.map(({ fees }) => fees.at(-1)!.price)).toEqual([6, 14]); // silver with a quarter off; then gold, as anybody pays it
    const kinds = landfall.topics.kinds(fieldLed.id);
    const renewed = landfall.topics.events(fieldLed.id)[kinds.indexOf('renewed')]!;
    expect(renewed.data).toMatchObject({ privateOfferId: externalId, quantity: 350, access: 'full' });
  });

  it('imports what Microsoft activated by itself and whose customer never lands, without Activate and without access (rule 6)', async () => {
    const { subscriptionId: id } = await landfall.microsoft.sell({ autoActivate: true, quantity: 3 });
    await eventually(async () =>
      expect(await landfall.record(id)).toMatchObject({ status: 'Subscribed', access: 'none', imported: true, openOperations: [] }),
    );
    const steps = [
      { act: 'change-quantity', body: { quantity: 4 }, event: 'quantity-changed', record: { quantity: 4, access: 'none' } },
      { act: 'suspend', body: {}, event: 'suspended', record: { status: 'Suspended', access: 'none' } },
      { act: 'reinstate', body: {}, event: 'reinstated', record: { status: 'Subscribed', access: 'none' } },
      { act: 'unsubscribe', body: {}, event: 'unsubscribed', record: { status: 'Unsubscribed', access: 'ended' } },
    ];
    for (const { act, body, event, record } of steps) {
      await landfall.microsoft.act(id, act, body);
      await eventually(() => expect(landfall.topics.kindsWithoutUpdates(id).at(-1)).toBe(event));
      await eventually(async () => expect(await landfall.record(id)).toMatchObject({ ...record, openOperations: [] }));
    }
    expect(landfall.topics.kindsWithoutUpdates(id)).toEqual(['purchased', ...steps.map(({ event }) => event)]);
    for (const { data } of landfall.topics.events(id)) expect(data).toMatchObject({ imported: true });
    expect((await landfall.microsoft.truth(id)).activateCalls).toBe(0);
    expect(landfall.product.made).not.toContain(id);
  });

  it("has broken none of Microsoft's rules for publishers on all of these ways", async () => {
    expect(await landfall.microsoft.breaches()).toEqual([]);
  });
}

interface Sold {
  readonly channel: string;
  id: string;
}

interface Party {
  readonly tenantId: string;
  readonly objectId: string;
}

/** The customer fills what is left of the form and presses the button; the subscription is set up, and products have been told. */
async function confirmed(landfall: SystemUnderTest, id: string, customer: Customer): Promise<void> {
  await customer.fillForm(ada);
  await customer.confirm();
  await eventually(() => expect(landfall.topics.kinds(id)).toEqual(startOfEach));
  await eventually(async () => expect((await customer.state()).toLowerCase()).toContain('active'));
  await customer.leave();
}

async function expectForbidden(landfall: SystemUnderTest, landingUrl: string, person: string): Promise<void> {
  const stranger = await landfall.browser.customer();
  await stranger.arrive(landingUrl, person);
  await eventually(async () => expect(await stranger.page.locator('[data-state]').first().getAttribute('data-state')).toBe('forbidden'));
  await stranger.leave();
}

async function expectEqual(landfall: SystemUnderTest, id: string): Promise<void> {
  const { saasSubscriptionStatus: status, planId, quantity } = await landfall.microsoft.truth(id);
  expect(await landfall.record(id)).toMatchObject({ status, planId, quantity });
}
