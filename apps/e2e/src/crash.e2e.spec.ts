import { serviceNames } from '@landfall/local';
import { eventually } from './eventually';
import { theSystem } from './system';

jest.setTimeout(300_000);

/** Whatever dies, and whenever: the journey finishes by itself after the restart, once. */
describe('a service killed with SIGKILL', () => {
  const landfall = theSystem();

  /** Kills a part, lets the others run on without it for a moment, and starts it again. */
  async function killed(name: string, others = 500): Promise<void> {
    await landfall.system.kill(name);
    await new Promise((resolve) => setTimeout(resolve, others));
    await landfall.system.restart(name);
  }

  async function finished(subscriptionId: string): Promise<void> {
    await eventually(async () => expect(await landfall.record(subscriptionId)).toMatchObject({ stage: 'done', access: 'full' }));
    await eventually(() => expect(landfall.topics.kinds(subscriptionId)).toEqual(['purchased', 'confirmed', 'provisioned', 'activated']));
    expect(landfall.topics.events(subscriptionId).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect((await landfall.microsoft.truth(subscriptionId)).saasSubscriptionStatus).toBe('Subscribed');
    expect(landfall.product.made.filter((made) => made === subscriptionId)).toHaveLength(1);
  }

  it('gateway, the moment the customer has pressed the button', async () => {
    const { subscriptionId, customer } = await landfall.atTheButton();
    const pressed = customer.confirm();
    await eventually(() =>
      expect(landfall.topics.raw.some((value) => value.includes(subscriptionId) && value.includes('purchase-confirmed'))).toBe(true),
    );
    await killed('gateway');
    await pressed;
    await finished(subscriptionId);
    await eventually(async () => {
      await customer.page.reload();
      expect((await customer.state()).toLowerCase()).toContain('active');
    });
    await customer.leave();
  });

  it('provisioning, while the product makes the tenant', async () => {
    const { subscriptionId, customer } = await landfall.atTheButton();
    await landfall.product.behaving({ makesInMs: 1_500 }, async () => {
      await customer.confirm();
      await eventually(() =>
        expect(landfall.topics.raw.some((value) => value.includes(subscriptionId) && value.includes('tenant-requested'))).toBe(true),
      );
      await killed('provisioning', 2_000);
    });
    await finished(subscriptionId);
    await customer.leave();
  });

  it('fulfillment, between the call of Activate and the note of its answer', async () => {
    const { subscriptionId, customer } = await landfall.atTheButton();
    await landfall.microsoft.under({ activationDelayMs: 1_500 }, async () => {
      await customer.confirm();
      await eventually(async () => expect((await landfall.microsoft.truth(subscriptionId)).activateCalls).toBe(1));
      await killed('fulfillment');
      await finished(subscriptionId);
    });
    await customer.leave();
  });

  it('subscription, in the middle of a purchase', async () => {
    const { subscriptionId, customer } = await landfall.atTheButton();
    await landfall.system.kill('subscription');
    await customer.confirm();
    await new Promise((resolve) => setTimeout(resolve, 500));
    await landfall.system.restart('subscription');
    await finished(subscriptionId);
    await customer.leave();
  });

  it.each(serviceNames)('%s, while a webhook is on its way through the system', async (name) => {
    const id = await landfall.activeSubscription({ planId: 'silver' });
    const operationId = await landfall.microsoft.act(id, 'change-plan', { planId: 'gold' });
    if (name === 'gateway') await eventually(async () => expect((await landfall.microsoft.deliveries(id)).length).toBeGreaterThan(0));
    await killed(name);
    await eventually(async () => {
      expect(await landfall.record(id)).toMatchObject({ planId: 'gold', openOperations: [] });
      const truth = await landfall.microsoft.truth(id);
      expect(truth).toMatchObject({ planId: 'gold' });
      expect(truth.operations.find((operation) => operation.id === operationId)).toMatchObject({ status: 'Succeeded' });
    });
    await eventually(() => expect(landfall.topics.kinds(id).filter((kind) => kind === 'plan-changed')).toHaveLength(1));
  });

  it('kafka, while purchases go on: they wait, and finish', async () => {
    const { subscriptionId, customer } = await landfall.atTheButton();
    await landfall.system.kill('kafka');
    await customer.confirm();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await landfall.system.restart('kafka');
    await finished(subscriptionId);
    await customer.leave();
  });
});
