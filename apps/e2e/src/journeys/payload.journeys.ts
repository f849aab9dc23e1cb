import { eventually } from '../eventually';
import type { SystemUnderTest } from '../system';
import type { DeclareJourney } from '../side-by-side';

/** What is still to come of such a life, each with the event in which it ends. */
const steps = [
  { act: 'change-plan', body: { planId: 'gold' }, event: 'plan-changed' },
  { act: 'change-quantity', body: { quantity: 9 }, event: 'quantity-changed' },
  { act: 'suspend', body: {}, event: 'suspended' },
  { act: 'reinstate', body: {}, event: 'reinstated' },
  { act: 'unsubscribe', body: {}, event: 'unsubscribed' },
];

/** Webhooks as Microsoft wrote them in other years, and such as it has never written (contract 4.3). */
export function payloadJourneys(landfall: SystemUnderTest, it: DeclareJourney): void {
  it('is followed through a whole life in every form that webhooks had in other years (pitfalls 7 and 10)', async () => {
    const variants = await landfall.microsoft.payloadVariants();
    expect(variants.length).toBeGreaterThan(12);
    const lives = await Promise.all(variants.map(async (variant) => [variant, await lifeIn(landfall, variant)] as const));
    expect(lives).toEqual(variants.map((variant) => [variant, ['purchased', ...steps.map(({ event }) => event)]]));
  });

  it('is answered 200 and changes nothing where nobody knows its action, or Microsoft has no such operation (pitfalls 5 and 6)', async () => {
    const id = await imported(landfall);
    const { version } = await landfall.record(id);
    const made = [
      { action: 'Transfer' },
      { action: 'Unsubscribe' },
      { action: 'Suspend', variant: 'minimal-2021' },
      { action: 'ChangePlan', payload: { planId: 'platinum', quantity: 'many', subscription: [] } },
      { action: 'Renew', payload: { timeStamp: 'yesterday', subscription: null } },
      { action: 'Suspend', omit: ['id', 'timeStamp'] },
      { action: 'ChangeQuantity', omit: ['action'], payload: { operationType: 7 } },
    ];
    const answers = await Promise.all(made.map((webhook) => landfall.microsoft.makeUp(id, webhook)));
    expect(answers).toEqual(made.map(() => 200));
    await landfall.microsoft.act(id, 'change-quantity', { quantity: 8 });
    await eventually(() => expect(landfall.topics.kinds(id).at(-1)).toBe('quantity-changed'));
    await eventually(async () => expect(await landfall.record(id)).toMatchObject({ quantity: 8, openOperations: [] }));
    expect(landfall.topics.kinds(id)).toEqual(['purchased', 'quantity-changed']);
    expect(await landfall.record(id)).toMatchObject({ status: 'Subscribed', version: Number(version) + 1 });
  });

  it("has broken none of Microsoft's rules for publishers", async () => {
    expect(await landfall.microsoft.breaches()).toEqual([]);
  });
}

/** A subscription that Microsoft activated by itself: it needs no browser. */
async function imported(landfall: SystemUnderTest): Promise<string> {
  const { subscriptionId } = await landfall.microsoft.sell({ autoActivate: true, quantity: 3 });
  await eventually(async () => expect(await landfall.record(subscriptionId)).toMatchObject({ status: 'Subscribed', openOperations: [] }));
  return subscriptionId;
}

/** The public events, but `updated`, of a subscription all of whose webhooks come in that form, Subscribe apart, and both sides are equal after each step. */
async function lifeIn(landfall: SystemUnderTest, variant: string): Promise<string[]> {
  const id = await imported(landfall);
  await landfall.microsoft.fault({ on: { surface: 'webhook', subscriptionId: id }, do: { effect: 'payload', variant } });
  for (const { act, body, event } of steps) {
    await eventually(async () => expect(await landfall.microsoft.tryTo(id, act, body)).toHaveProperty('operationId'));
    await eventually(() => expect([variant, landfall.topics.kinds(id)]).toEqual([variant, expect.arrayContaining([event])]));
    await eventually(async () => {
      const { operations, saasSubscriptionStatus: status, planId, quantity } = await landfall.microsoft.truth(id);
      expect(operations.filter((operation) => operation.status === 'InProgress')).toEqual([]);
      expect(await landfall.record(id)).toMatchObject({ status, planId, quantity, openOperations: [] });
    });
  }
  return landfall.topics.kindsWithoutUpdates(id);
}
