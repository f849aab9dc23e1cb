import type { Fault } from '../fault';
import type { RunningSystem } from '../running.system';

const dimension = 'alerts';
const publisher = 'alerts';

/** Rows as reconciliation and anomalies leave them: the emulator's days would take weeks. */
export const undecidedUsage: Fault = {
  what: 'Two hours of usage wait for an operator, one held and one undecided, Microsoft has recorded more than was sent, and its list of a day does not come',
  cure: 'they are written off, and a newer list agrees',
  alerts: ['LandfallUsageStopped', 'LandfallUsageUndecided', 'LandfallUsageDiffers', 'LandfallUsageNotCompared'],
  async begin(system) {
    await hours(system);
    await system.sql(
      `insert into billing.usage_differences (publisher_id, subscription_id, dimension, plan_id, day, kind, quantity, ours, unknown, submitted, processed, found_at)
       select $1, id, $2, 'base', current_date, 'unexpected', 7, 0, 0, 7, 7, now() - interval '2 hours' from billing.subscriptions limit 1`,
      [publisher, dimension],
    );
    await system.sql(`insert into billing.usage_comparisons (run) values ('2000-01-01') on conflict do nothing`);
    await system.sql(
      `insert into billing.usage_reads (read_id, publisher_id, run, day, ordered_at)
       values (gen_random_uuid(), $1, '2000-01-01', '1999-12-31', now() - interval '13 hours')`,
      [publisher],
    );
  },
  async end(system) {
    await system.sql(`update billing.hours set state = 'written-off' where dimension = $1`, [dimension]);
    await system.sql(`update billing.usage_differences set state = 'over', ended_at = now() where dimension = $1`, [dimension]);
    await system.sql(`update billing.usage_reads set compared_at = now() where publisher_id = $1`, [publisher]);
  },
};

async function hours(system: RunningSystem): Promise<void> {
  await system.sql(
    `insert into billing.hours (subscription_id, dimension, hour, plan_id, meter, quantity, shares, state, effective_start, deadline, reason, changed_at)
     select id, $1, date_trunc('hour', now()) - ago * interval '1 hour', 'base', 'emails', 7, '[]', state, now(), now(), reason, now() - interval '2 hours'
       from (select id from billing.subscriptions limit 1) as any_one,
            (values (1, 'held', 'anomaly'), (2, 'uncertain', 'undecided')) as left_over (ago, state, reason)`,
    [dimension],
  );
}
