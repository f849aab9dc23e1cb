import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually';
import { SystemUnderTest } from '../system';
import { OtherEmulator } from './other.emulator';

jest.setTimeout(300_000);

describe('beside another emulator of Microsoft’s API', () => {
  const landfall = new SystemUnderTest();
  const other = new OtherEmulator();
  const dir = mkdtempSync(join(tmpdir(), 'landfall-other-'));

  beforeAll(async () => {
    await other.start(dir);
    await landfall.start(other.environment, { emulator: other.details });
    await other.sellsFor(landfall.system.run.gatewayUrl);
  });

  afterAll(async () => {
    await landfall.stop();
    other.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('a customer gets access, and each change of Microsoft’s reaches the record once', async () => {
    const id = await landfall.activeSubscription({ planId: 'silver', quantity: 5 });
    const acts = [
      { act: 'change-plan', body: { planId: 'gold' }, record: { planId: 'gold' } },
      { act: 'change-quantity', body: { quantity: 9 }, record: { quantity: 9 } },
      { act: 'suspend', body: {}, record: { status: 'Suspended', access: 'limited' } },
      { act: 'reinstate', body: {}, record: { status: 'Subscribed', access: 'full' } },
    ];
    for (const { act, body, record } of acts) {
      await eventually(async () => expect(await landfall.microsoft.tryTo(id, act, body)).not.toHaveProperty('refused'));
      await eventually(async () => expect(await landfall.record(id)).toMatchObject({ ...record, openOperations: [] }));
    }
    await eventually(() =>
      expect(landfall.topics.kindsWithoutUpdates(id)).toEqual([
        ...['purchased', 'confirmed', 'provisioned', 'activated'],
        ...['plan-changed', 'quantity-changed', 'suspended', 'reinstated'],
      ]),
    );
    expect(other.sent).toEqual({ webhooks: acts.length, notTaken: 0 });
  });

  it('what we ask for is done, and a cancellation of ours is found although no webhook tells of it', async () => {
    const id = await landfall.activeSubscription({ planId: 'silver', quantity: 5 });
    const byUs = { on: { surface: 'webhook', subscriptionId: id, initiator: 'Partner' }, do: { effect: 'drop', as: 'believed' } };
    await landfall.microsoft.fault(byUs);
    const plan = await landfall.request(id, 'plan-changes', { planId: 'gold' });
    await eventually(async () => expect(await landfall.requestOf(id, plan.requestId)).toMatchObject({ state: 'succeeded' }));
    const cancellation = await landfall.request(id, 'cancellations');
    await eventually(async () => expect(await landfall.requestOf(id, cancellation.requestId)).toMatchObject({ state: 'succeeded' }));
    await eventually(async () => expect(await landfall.record(id)).toMatchObject({ access: 'ended', planId: 'gold', openOperations: [] }));
  });

  it('leaves nothing dead, and breaks no rule of Microsoft’s', async () => {
    expect(await landfall.dead()).toEqual([]);
    expect(await landfall.microsoft.breaches()).toEqual([]);
  });
});
