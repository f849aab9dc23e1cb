import { eventually, patience } from '../eventually';
import { shortScale } from '../storm/storm.scale';
import { unkind } from '../storm/unkindness';
import type { SystemUnderTest } from '../system';

/** The setting of the system under which these journeys end in seconds: Microsoft's copies lag a fortieth of what they may in life. */
export const copyLagOfJourneys = shortScale.copyLag;

/** An act may have to wait for the end of the one before, and so may what follows from it for the last look at an operation that is never shown. */
const limitMs = 2 * patience;

/** The same ways with a Microsoft that lags, leaves out, forgets, repeats and answers late. Breaches are not looked at: it makes publishers look guilty. */
export function unkindJourneys(landfall: SystemUnderTest): void {
  const customerLimitMs = 4 * patience;

  it(
    'leads a customer to access, and each action to what Microsoft holds',
    async () => {
      await landfall.microsoft.under(unkind(1, shortScale), async () => {
        const id = await landfall.activeSubscription({ planId: 'silver', quantity: 5 });
        const acts = [
          { act: 'change-plan', body: { planId: 'gold' } },
          { act: 'change-quantity', body: { quantity: 9 } },
          { act: 'suspend', body: {} },
          { act: 'reinstate', body: {} },
          { act: 'unsubscribe', body: {} },
        ];
        for (const { act, body } of acts) {
          await actWhenFree(landfall, id, act, body);
          await eventually(() => expectBothSidesEqual(landfall, id), limitMs);
        }
        const { saasSubscriptionStatus } = await landfall.microsoft.truth(id);
        expect(saasSubscriptionStatus).toBe('Unsubscribed');
        await eventually(() => expect(landfall.topics.kinds(id).at(-1)).toMatch(/^(unsubscribed|updated)$/), limitMs);
        const sequences = landfall.topics.events(id).map(({ sequence }) => sequence);
        expect(sequences).toEqual(sequences.map((_, index) => index + 1));
        for (const { data } of landfall.topics.events(id).filter(({ type }) => type.includes('suspended')))
          expect(data).toMatchObject({ graceEndsAt: expect.any(String) });
      });
    },
    customerLimitMs + 5 * limitMs,
  );
}

async function actWhenFree(landfall: SystemUnderTest, id: string, act: string, body: Record<string, unknown>): Promise<void> {
  await eventually(async () => expect(await landfall.microsoft.tryTo(id, act, body)).not.toHaveProperty('refused'), limitMs);
}

async function expectBothSidesEqual(landfall: SystemUnderTest, id: string): Promise<void> {
  const { operations, saasSubscriptionStatus: status, planId, quantity } = await landfall.microsoft.truth(id);
  expect(operations.filter((operation) => operation.status === 'InProgress' || operation.status === 'NotStarted')).toEqual([]);
  expect(await landfall.record(id)).toMatchObject({ status, planId, quantity });
}
