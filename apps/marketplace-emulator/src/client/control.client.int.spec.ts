import { controlClient, ControlRefused, ControlUnreachable, type ControlClient } from '../index';
import { Publisher, until } from '../testing/publisher';

let publisher: Publisher;
let control: ControlClient;

beforeAll(async () => {
  publisher = await Publisher.start();
  control = publisher.emulator.control;
});

beforeEach(() => control.reset());

afterAll(() => publisher.stop());

it('does what the store does, and shows the truth about it', async () => {
  const { subscriptionId: id, landingUrl } = await control.buy({ autoActivate: true, quantity: 3 });
  expect([landingUrl, await control.landingLink(id)]).toEqual([expect.stringContaining('token='), expect.stringContaining('token=')]);
  const steps: [string, () => Promise<{ operationId: string }>][] = [
    ['ChangePlan', () => control.changePlan(id, 'gold')],
    ['ChangeQuantity', () => control.changeQuantity(id, 9)],
    ['Renew', () => control.renew(id)],
    ['Suspend', () => control.suspend(id)],
    ['Reinstate', () => control.reinstate(id)],
    ['Unsubscribe', () => control.unsubscribe(id)],
  ];
  for (const [action, act] of steps) {
    const { operationId } = await act();
    expect(await publisher.settled(id, operationId)).toMatchObject({ action, status: 'Succeeded' });
  }
  const truth = await control.subscription(id);
  expect(truth).toMatchObject({ saasSubscriptionStatus: 'Unsubscribed', planId: 'gold', quantity: 9 });
  expect((await control.subscriptions({ status: 'Unsubscribed' })).subscriptions.map((one) => one.id)).toEqual([id]);
  expect((await control.invoice(id)).subscriptionId).toBe(id);
  await until('deliveries', async () => (await control.deliveries({ subscriptionId: id })).length === 7);
  const [first] = await control.deliveries({ subscriptionId: id });
  expect(first).toMatchObject({ action: 'Subscribe', verdict: 'received' });
  expect((await control.redeliver(first?.id ?? '')).byHand).toBe(true);
  expect(await control.redeliver(first?.id ?? '', { badToken: 'expired' })).toMatchObject({ kind: 'forged', badToken: 'expired' });
  expect((await control.calls({ subscriptionId: id })).length).toBeGreaterThanOrEqual(7);
});

it('holds webhooks back, lets faults happen, and moves time', async () => {
  await control.webhooks.pause();
  const { subscriptionId: id } = await control.buy({ autoActivate: true });
  expect((await control.webhooks.waiting({ subscriptionId: id })).webhooks).toMatchObject([{ action: 'Subscribe' }]);
  expect((await control.webhooks.resume()).pausedSince).toBeNull();
  await publisher.webhooks(1, ({ body }) => body.subscriptionId === id);

  const fault = await control.faults.add({ on: { surface: 'fulfillment' }, when: { count: 1 }, do: { effect: 'status', status: 503 } });
  expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).status).toBe(503);
  expect(await control.faults.list()).toMatchObject([{ id: fault.id, fired: 1, remaining: 0 }]);
  await control.faults.remove(fault.id);
  expect(await control.faults.removeAll()).toEqual({ removed: 0 });

  await control.changeRenewal(id, { autoRenew: false });
  expect((await control.clock.advance('P40D')).reached).toBe(true);
  expect((await control.clock.get()).offsetMs).toBeGreaterThan(39 * 86_400_000);
  expect((await control.subscription(id)).saasSubscriptionStatus).toBe('Unsubscribed');
  expect((await control.breaches()).breaches).toEqual(expect.any(Array));
});

it('carries states from one emulator to another: fixtures, bulk, snapshots', async () => {
  const ids = await control.fixtures.load('every-state');
  expect((await control.fixtures.list()).map(({ name }) => name)).toContain('every-state');
  expect((await control.bulk({ count: 10, mix: { subscribed: 1 } })).byStatus).toEqual({ Subscribed: 10 });
  await control.snapshots.take('kept');
  const file = await control.snapshots.download('kept');
  await control.reset();
  await control.snapshots.upload('brought', file);
  await control.snapshots.restore('brought');
  expect((await control.subscription(ids['suspended'] ?? '')).saasSubscriptionStatus).toBe('Suspended');
  for (const { name } of await control.snapshots.list()) await control.snapshots.delete(name);
  expect(await control.snapshots.list()).toEqual([]);
});

it('reads and changes settings, people and keys', async () => {
  expect((await control.changeSettings({ autoAcceptMs: 7 })).autoAcceptMs).toBe(7);
  expect((await control.settings()).autoAcceptMs).toBe(7);
  const zoe = await control.addPerson({ emailId: 'zoe@tailspin.example' });
  expect((await control.people({ from: 5 })).people).toEqual([zoe]);
  expect((await control.rotateKeys()).kid).toEqual(expect.any(String));
});

it('throws what the emulator refuses, in its words', async () => {
  const refused = async (call: Promise<unknown>) => call.then(String, (error: unknown) => error);
  expect(await refused(control.buy({ planId: 'bronze' }))).toMatchObject({
    status: 400,
    message: expect.stringContaining('no longer sold'),
  });
  expect(await refused(control.buy({ quantity: 0 }))).toMatchObject({ problems: [{ field: 'quantity' }] });
  expect(await refused(control.subscription('x'))).toMatchObject({ status: 404, message: 'There is no subscription x.' });
  expect(await refused(control.snapshots.restore('a/b'))).toBeInstanceOf(ControlRefused);
});

it('reports that nothing answers, or another program', async () => {
  await expect(controlClient('http://127.0.0.1:1/control').clock.get()).rejects.toThrow(/does not answer at http.*Is the emulator running/);
  await expect(controlClient(publisher.emulator.apiUrl).clock.get()).rejects.toBeInstanceOf(ControlUnreachable);
});
