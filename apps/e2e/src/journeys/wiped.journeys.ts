import { eventually } from '../eventually';
import type { SystemUnderTest } from '../system';

interface Sweep {
  readonly id: string;
  readonly found: { readonly known: number; readonly missing: number; readonly ended: number };
  readonly asks: readonly string[];
  readonly findings: readonly { readonly subscriptionId: string }[];
}

interface Drift {
  readonly subscriptionId: string;
  readonly keptReason: string | null;
}

/** Microsoft's list is empty, or many have ended at once: nobody loses anything before an operator has looked. */
export function wipedJourneys(landfall: SystemUnderTest): void {
  const reason = 'We saw it in Partner Center.';
  /** Of all publishers. */
  let withAccess: string[];
  /** Of the one whose list is compared. */
  let sold: string[];

  /** `npm run reconcile` asks for the same. */
  async function sweep(): Promise<Sweep> {
    const begun = await landfall.asOperator('fulfillment', '/reconciliations', { reason });
    const { reconciliation } = (begun as { after: { reconciliation: string } }).after;
    return eventually(async () => {
      const found = await landfall.asOperator('fulfillment', `/reconciliations/${reconciliation}`);
      expect(found).toMatchObject({ state: 'complete' });
      return found as Sweep;
    });
  }

  const answer = ({ id }: Sweep, act: 'release' | 'dismissal') =>
    landfall.asOperator('fulfillment', `/reconciliations/${id}/${act}`, { reason });
  const asked = () => landfall.metric('fulfillment', 'reconciliation_questions_total{registration="default",question="loss"}');

  /** What an operator is shown to differ, and is not repaired. */
  async function openDrifts(keptReason: 'missing' | 'guarded'): Promise<string[]> {
    const { items } = (await landfall.asOperator('subscription', '/drifts?state=open&limit=200')) as { items: readonly Drift[] };
    return items.flatMap((drift) => (drift.keptReason === keptReason ? [drift.subscriptionId] : [])).toSorted();
  }

  /** In the record, in the public topics, and in the product. */
  async function nobodyHasLostAnything(): Promise<void> {
    expect(landfall.topics.subscriptionsWith('full')).toEqual(withAccess);
    for (const id of withAccess) {
      expect(await landfall.record(id)).toMatchObject({ access: 'full' });
      expect(landfall.topics.kinds(id)).not.toContain('unsubscribed');
    }
    expect([...landfall.product.tenants.keys()]).toEqual(
      expect.arrayContaining(withAccess.filter((id) => landfall.product.made.includes(id))),
    );
  }

  beforeAll(async () => {
    const orders = Array.from({ length: 2 }, () => ({ planId: 'silver', quantity: 5 }));
    sold = await Promise.all(orders.map((order) => landfall.activeSubscription(order)));
    await eventually(async () => expect((await sweep()).asks).toEqual([])); // both sides are equal
    await eventually(async () => expect(await landfall.topics.hasReadAll()).toBe(true));
    withAccess = landfall.topics.subscriptionsWith('full');
  });

  it('is empty in one sweep after the other: no customer loses access, and an operator is asked until they dismiss it', async () => {
    expect(withAccess.length).toBeGreaterThanOrEqual(2);
    const before = await asked();
    const after = await landfall.microsoft.wiped(async () => {
      for (let sweeps = 1; sweeps <= 3; sweeps++) {
        const { asks, found } = await sweep();
        expect({ asks, found }).toMatchObject({ asks: ['loss'], found: { missing: found.known, ended: 0 } });
        expect(await asked()).toBe(before + sweeps);
      }
      expect(await landfall.metric('fulfillment', 'reconciliation_unanswered_seconds')).toBeGreaterThan(0);
      await nobodyHasLostAnything();
      await eventually(async () => expect(await openDrifts('missing')).toEqual(expect.arrayContaining(sold)));

      await answer(await sweep(), 'dismissal');
      await eventually(async () => expect(await openDrifts('missing')).toEqual([]));
      return sweep();
    });
    expect(after.asks).toEqual([]); // they were dismissed
    await nobodyHasLostAnything();
    const { asks, found } = await sweep();
    expect({ asks, found }).toMatchObject({ asks: [], found: { missing: 0, ended: 0 } });
  });

  it('shows many as ended at once that no webhook told of: they end when an operator has let it through, and not before', async () => {
    const several = { planId: 'instant', quantity: 5, autoActivate: true };
    const sold = await Promise.all(Array.from({ length: 5 }, () => landfall.microsoft.sell(several)));
    const ids = sold.map(({ subscriptionId }) => subscriptionId).toSorted();
    const are = (status: string) =>
      Promise.all(ids.map((id) => eventually(async () => expect(await landfall.record(id)).toMatchObject({ status, openOperations: [] }))));
    await are('Subscribed');
    const unheard = { on: { surface: 'webhook', subscriptionId: ids }, do: { effect: 'drop', as: 'believed' } };
    await landfall.microsoft.withFault(unheard, async () => {
      await Promise.all(ids.map((id) => landfall.microsoft.act(id, 'unsubscribe')));
      const found = await sweep();
      expect(found).toMatchObject({ asks: ['loss'], found: { missing: 0, ended: ids.length } });
      expect(found.findings.map(({ subscriptionId }) => subscriptionId).toSorted()).toEqual(ids);
      await are('Subscribed');
      await eventually(async () => expect(await openDrifts('guarded')).toEqual(ids));
      await answer(found, 'release');
      await are('Unsubscribed');
      expect(await openDrifts('guarded')).toEqual([]);
    });
    for (const id of ids)
      await eventually(() => {
        const last = landfall.topics.events(id).findLast(({ type }) => type.includes('unsubscribed'));
        expect(last?.data).toMatchObject({ access: 'ended', cause: { source: 'reconciliation' } });
      });
    await nobodyHasLostAnything();
  });
}
