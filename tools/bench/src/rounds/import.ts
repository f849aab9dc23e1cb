import type { Landfall } from '../system/landfall';
import { untilQuiet } from './quiet';

/** A sweep imports ten subscriptions at a time. */
const importLimitMs = 600_000;

/** What was sold is taken over as any sweep takes over what nobody has announced. The first one would begin after its interval, which is longer than the run. */
export async function importAll(landfall: Landfall, subscriptions: number): Promise<void> {
  const endMs = Date.now() + importLimitMs;
  await landfall.counters.query('update fulfillment.reconciliation_schedules set due_at = now()');
  for (;;) {
    await untilQuiet(landfall, importLimitMs);
    const [row] = await landfall.counters.query<{ count: string }>('select count(*) from subscription.subscriptions');
    if (Number(row!.count) === subscriptions) return;
    if (Date.now() > endMs) throw new Error(`Only ${row!.count} of ${subscriptions} subscriptions were imported.`);
  }
}
