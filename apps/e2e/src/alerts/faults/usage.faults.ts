import { eventually } from '../../eventually';
import type { Fault } from '../fault';
import type { RunningSystem } from '../running.system';

const runs = 'billing.audit_runs';

/** Billing reads of a subscription when it comes to its event. */
async function untilBillingKnows(system: RunningSystem, subscriptionId: string): Promise<void> {
  await eventually(async () => {
    const rows = await system.sql('select from billing.subscriptions where id = $1', [subscriptionId]);
    if (rows.length === 0) throw new Error(`billing does not know ${subscriptionId} yet`);
  });
}

/** The next look of the service begins a run of each kind, as if none had ever been. */
const beginRuns = (system: RunningSystem) => system.sql(`delete from ${runs}`);

/** A look whether a run is due comes once a minute. */
export const changedByHand = (subscriptionOf: () => string): Fault => ({
  what: 'Somebody writes the sum of an hour into the table of billing that no record has',
  cure: 'it is taken out again, and the next check looks',
  alerts: ['LandfallUsageImbalance'],
  async begin(system) {
    await untilBillingKnows(system, subscriptionOf());
    await system.sql(
      `insert into billing.buckets (subscription_id, meter, hour, quantity, records, is_dirty) values ($1, 'by-hand', date_trunc('hour', now(), 'UTC'), 5, 1, false)`,
      [subscriptionOf()],
    );
    await beginRuns(system);
  },
  async end(system) {
    await system.sql(`delete from billing.buckets where meter = 'by-hand'`);
    await beginRuns(system);
  },
});

export const nightsWithoutAudit: Fault = {
  what: 'No check of the sums of usage can begin, and the last night was three days ago',
  cure: 'it can begin',
  alerts: ['LandfallUsageUnchecked'],
  async begin(system) {
    await system.refuse(runs, 'insert');
    await system.sql(`update ${runs} set period = period - interval '3 days', ended_at = ended_at - interval '3 days'`);
  },
  end: (system) => system.allow(runs),
};

/** As if fulfillment had taken the batch and never answered. */
export const neverAnswered = (subscriptionOf: () => string): Fault => ({
  what: 'An hour of usage was handed over 22 hours ago, costs 30 dollars, and is not answered',
  cure: 'it is accepted',
  alerts: ['LandfallUsageNotSent', 'LandfallUsageAtRisk'],
  async begin(system) {
    await untilBillingKnows(system, subscriptionOf());
    await system.sql(
      `update billing.subscriptions set rates = '{"silver": {"prices": {"by-hand": "3"}, "included": {}, "currency": "USD", "readAt": "2026-01-01T00:00:00Z", "askedAt": null}}'
        where id = $1`,
      [subscriptionOf()],
    );
    await system.sql(
      `insert into billing.hours (subscription_id, dimension, hour, plan_id, meter, quantity, shares, state, effective_start, deadline)
       select $1, 'by-hand', started, 'silver', 'by-hand', 10, '[]', 'waiting', started, started + interval '23 hours'
         from (select date_trunc('hour', now(), 'UTC') - interval '22 hours' as started) as long_ago`,
      [subscriptionOf()],
    );
  },
  end: (system) => system.sql(`update billing.hours set state = 'accepted' where dimension = 'by-hand'`).then(() => undefined),
});
