import { appendFileSync } from 'node:fs';
import { eventually } from '../eventually';
import type { SystemUnderTest } from '../system';

const publisherId = 'fourthcoffee';
const offerId = 'fourthcoffee-reviewed';
const reason = 'We do not sell to your country yet.';

/** Purchases of a plan that waits for an operator. */
export function approvalJourneys(landfall: SystemUnderTest): void {
  beforeAll(async () => {
    await landfall.microsoft.offer(offerId, { publisherId, displayName: 'Fourth Coffee', plans: [{ planId: 'beans', seats: { min: 1 } }] });
    const offers = { [offerId]: { displayName: 'Fourth Coffee', plans: { beans: { activation: 'on-approval' } } } };
    await landfall.catalogInForce(() =>
      appendFileSync(landfall.fileOf('catalog.yaml'), `  ${publisherId}: ${JSON.stringify({ offers })}\n`),
    );
  });

  /** A purchase that its customer has confirmed, and whose page says that it is being reviewed. */
  async function confirmed() {
    const { subscriptionId: id, customer } = await landfall.atTheButton({ offerId, quantity: 5 });
    await customer.confirm();
    await eventually(async () => expect(await landfall.record(id)).toMatchObject({ stage: 'awaiting-approval', access: 'none' }));
    await eventually(async () => expect(await customer.page.textContent('main')).toContain('Your order is being reviewed'));
    return { id, customer };
  }

  it('is set up and activated once an operator has approved it, and not before', async () => {
    const { id, customer } = await confirmed();
    expect(landfall.product.made).not.toContain(id);
    expect((await landfall.microsoft.truth(id)).activateCalls).toBe(0);
    await landfall.decide(id, 'approval', 'The customer is known.');
    await eventually(async () => expect((await customer.state()).toLowerCase()).toContain('active'));
    expect(await landfall.microsoft.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Subscribed', activateCalls: 1 });
    await eventually(async () => expect(await landfall.record(id)).toMatchObject({ status: 'Subscribed', stage: 'done', access: 'full' }));
    await eventually(() => expect(landfall.topics.kindsWithoutUpdates(id)).toEqual(['purchased', 'confirmed', 'provisioned', 'activated']));
    await customer.leave();
  });

  it('is cancelled at Microsoft once an operator has rejected it, without any bill, and the customer is told why', async () => {
    const { id, customer } = await confirmed();
    await landfall.decide(id, 'rejection', reason);
    await eventually(async () => expect((await landfall.microsoft.truth(id)).saasSubscriptionStatus).toBe('Unsubscribed'));
    await eventually(async () =>
      expect(await landfall.record(id)).toMatchObject({ status: 'Unsubscribed', access: 'ended', openOperations: [] }),
    );
    await eventually(async () => expect(await customer.page.textContent('main')).toContain(reason));
    await eventually(() =>
      expect(landfall.topics.kindsWithoutUpdates(id)).toEqual(['purchased', 'confirmed', 'cancellation-requested', 'unsubscribed']),
    );
    expect((await landfall.microsoft.truth(id)).activateCalls).toBe(0);
    expect((await landfall.microsoft.invoice(id)).terms).toEqual([]);
    expect(landfall.product.made).not.toContain(id);
    await customer.leave();
  });

  it("has broken none of Microsoft's rules for publishers on both ways", async () => {
    expect(await landfall.microsoft.breaches()).toEqual([]);
  });
}
