import { randomUUID } from 'node:crypto';
import { eventually } from '../eventually';
import type { SystemUnderTest } from '../system';
import type { DeclareJourney } from '../side-by-side';

const setUp = ['purchased', 'confirmed', 'provisioned', 'activated'];

/** What an operator, or a product, asks of Microsoft by our own endpoints (contract 3.8, 3.9). `apart` is under another setting of Microsoft, so it goes alone. */
export function requestJourneys(landfall: SystemUnderTest): { together(it: DeclareJourney): void; apart(): void } {
  /** Active from the moment of the purchase: these need no browser. */
  async function bought(order: Record<string, unknown> = {}): Promise<string> {
    const { subscriptionId } = await landfall.microsoft.sell({ planId: 'instant', quantity: 5, autoActivate: true, ...order });
    await eventually(async () => expect(await landfall.record(subscriptionId)).toMatchObject({ status: 'Subscribed', openOperations: [] }));
    return subscriptionId;
  }

  const ends = (id: string, requestId: string, end: object) =>
    eventually(async () => expect(await landfall.requestOf(id, requestId)).toMatchObject(end));
  const kindsAre = (id: string, ...kinds: string[]) => eventually(() => expect(landfall.topics.kindsWithoutUpdates(id)).toEqual(kinds));
  const isRecorded = (id: string, record: object) =>
    eventually(async () => expect(await landfall.record(id)).toMatchObject({ ...record, openOperations: [] }));
  /** Calls that ask for a change of the subscription; those that acknowledge an operation are left out. */
  const changesAsked = async (id: string) =>
    (await landfall.microsoft.calls(id)).filter(
      ({ method, path }) => (method === 'PATCH' || method === 'DELETE') && !path.includes('/operations/'),
    ).length;

  return {
    together(it) {
      it('of plan, of seats, and to the end: each is told when it is asked for, and done once Microsoft has done it (pitfall 16)', async () => {
        const id = await landfall.activeSubscription({ planId: 'silver', quantity: 5 });
        const [key, toGold] = [randomUUID(), { planId: 'gold' }];
        const plan = await landfall.request(id, 'plan-changes', toGold, key);
        expect(plan).toMatchObject({ state: 'pending', operationId: null });
        expect(await landfall.request(id, 'plan-changes', toGold, key)).toMatchObject({ requestId: plan.requestId });
        await ends(id, plan.requestId, { state: 'succeeded', failure: null });
        const seats = await landfall.request(id, 'quantity-changes', { quantity: 9 });
        await ends(id, seats.requestId, { state: 'succeeded' });
        const cancellation = await landfall.request(id, 'cancellations');
        await ends(id, cancellation.requestId, { state: 'succeeded' });

        const told = ['change-requested', 'plan-changed', 'change-requested', 'quantity-changed', 'cancellation-requested', 'unsubscribed'];
        await kindsAre(id, ...setUp, ...told);
        const { operationId, actor } = await landfall.requestOf(id, plan.requestId);
        expect(landfall.topics.events(id).find(({ type }) => type.includes('plan-changed'))?.data).toMatchObject({
          ...{ planId: 'gold', quantity: 5 },
          cause: { source: 'request', operationId, actor },
        });
        const { items } = (await landfall.asOperator('subscription', `/subscriptions/${id}/history`)) as { items: { event: string }[] };
        const recorded = items.map(({ event }) => event.replace(/^landfall\.subscription\.|\.v1$/g, ''));
        expect(recorded.filter((kind) => told.includes(kind))).toEqual(told);
        expect(await landfall.microsoft.truth(id)).toMatchObject({ saasSubscriptionStatus: 'Unsubscribed', planId: 'gold', quantity: 9 });
        await isRecorded(id, { access: 'ended', planId: 'gold', quantity: 9 });
        expect(await changesAsked(id)).toBe(3);
      });

      it('is found by asking where its webhook never comes, and is done once where the answer was lost (rule 9)', async () => {
        const id = await bought();
        await landfall.microsoft.fault({ on: { surface: 'webhook', subscriptionId: id }, do: { effect: 'drop', as: 'believed' } });
        const lost = { effect: 'reset', afterWork: true };
        await landfall.microsoft.fault({ on: { route: 'updateSubscription', subscriptionId: id }, when: { count: 1 }, do: lost });
        const { requestId } = await landfall.request(id, 'plan-changes', { planId: 'gold' });
        await ends(id, requestId, { state: 'succeeded', operationId: expect.any(String) });
        await kindsAre(id, 'purchased', 'change-requested', 'plan-changed');
        expect(await changesAsked(id)).toBe(1);
      });

      it('waits for the customer’s own change, which locks the subscription at Microsoft, and goes through (pitfall 22)', async () => {
        const id = await bought();
        const late = { on: { surface: 'webhook', subscriptionId: id }, when: { count: 1 }, do: { effect: 'postpone', for: 'PT3S' } };
        await landfall.microsoft.fault(late);
        await landfall.microsoft.act(id, 'change-quantity', { quantity: 7 });
        const { requestId } = await landfall.request(id, 'plan-changes', { planId: 'gold' });
        await ends(id, requestId, { state: 'succeeded' });
        await isRecorded(id, { planId: 'gold', quantity: 7 });
        expect(await landfall.microsoft.truth(id)).toMatchObject({ planId: 'gold', quantity: 7 });
        expect(await changesAsked(id)).toBe(1); // while it is locked it is looked at, and not asked for
        await kindsAre(id, 'purchased', 'change-requested', 'quantity-changed', 'plan-changed');
      });

      it('that Microsoft refuses has failed, with its words', async () => {
        const id = await bought();
        const { requestId } = await landfall.request(id, 'plan-changes', { planId: 'no-such-plan' });
        await ends(id, requestId, { state: 'failed', operationId: null, failure: expect.stringContaining('not available') });
        await kindsAre(id, 'purchased', 'change-requested', 'change-failed');
        await isRecorded(id, { planId: 'instant', quantity: 5, status: 'Subscribed' });
      });

      it('of what a reseller sold, and the cancellation of a purchase that is not active yet, are refused before any call', async () => {
        const resold = await bought({ channel: 'csp' });
        await expect(landfall.request(resold, 'plan-changes', { planId: 'gold' })).rejects.toThrow(/409.*reseller/);
        await expect(landfall.request(resold, 'cancellations')).rejects.toThrow(/409.*reseller/);
        const { subscriptionId: pending, customer } = await landfall.atTheButton();
        await expect(landfall.request(pending, 'cancellations')).rejects.toThrow(/409.*not activated the subscription yet/);
        await customer.leave();
        expect([await changesAsked(resold), await changesAsked(pending)]).toEqual([0, 0]);
        await kindsAre(resold, 'purchased');
        await kindsAre(pending, 'purchased');
      });
    },
    apart() {
      it('that Microsoft took and did not do has failed as well: 202 was no promise (pitfall 21)', async () => {
        const id = await bought();
        await landfall.microsoft.under({ operationOutcome: 'fails' }, async () => {
          const { requestId } = await landfall.request(id, 'quantity-changes', { quantity: 8 });
          await ends(id, requestId, { state: 'failed', operationId: expect.any(String), failure: expect.stringContaining('not possible') });
        });
        await kindsAre(id, 'purchased', 'change-requested', 'change-failed');
        await isRecorded(id, { planId: 'instant', quantity: 5, status: 'Subscribed' });
      });

      it("has broken none of Microsoft's rules for publishers on all of these ways", async () => {
        expect(await landfall.microsoft.breaches()).toEqual([]);
      });
    },
  };
}
