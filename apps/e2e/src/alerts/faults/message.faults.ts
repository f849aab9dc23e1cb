import { provisioningReplies } from '@landfall/contracts';
import { randomUUID } from 'node:crypto';
import type { Fault } from '../fault';

const deadLetters = 'provisioning.dead_letter';
const projections = 'gateway.subscription_projections';

export const refusedDeadLetter: Fault = {
  what: 'A record that nobody can read is on a topic, and the table of dead letters refuses it',
  cure: 'the table takes it',
  alerts: ['LandfallConsumerRefused'],
  async begin(system) {
    await system.refuse(deadLetters, 'insert');
    await system.writeUnreadable(provisioningReplies.name);
  },
  end: (system) => system.allow(deadLetters),
};

export const deadLetter: Fault = {
  what: 'A record that nobody can read is on a topic',
  cure: 'an operator discards it',
  alerts: ['LandfallDeadLetters'],
  begin: (system) => system.writeUnreadable(provisioningReplies.name),
  end: (system) => system.actOnAll('provisioning', 'dead-letters', 'discard'),
};

/** Of a subscription that is not used elsewhere: what comes later for its key waits. */
export const failingMessage = (subscriptionOf: () => string): Fault => ({
  what: 'A table refuses what a message about one subscription leads to',
  cure: 'the table takes it, and an operator retries the message',
  alerts: ['LandfallKeysHeldUp'],
  async begin(system) {
    await system.refuse(projections, 'insert or update', `new.subscription_id = '${subscriptionOf()}'`);
    await system.microsoft.act(subscriptionOf(), 'change-quantity', { quantity: 11 });
  },
  async end(system) {
    await system.allow(projections);
    await system.actOnAll('gateway', 'dead-letters', 'retry');
  },
});

export const unknownJob: Fault = {
  what: 'Another version has stored a job that this one does not know',
  cure: 'an operator discards it',
  alerts: ['LandfallJobsLate'],
  async begin(system) {
    await system.sql(
      `insert into fulfillment.job (id, kind, key, payload, run_at, causation_id, correlation_id, created_at)
       values ($1, 'of-another-version', 'of-another-version', '{}', now(), 'c', 'c', now())`,
      [randomUUID()],
    );
  },
  end: (system) => system.actOnAll('fulfillment', 'jobs', 'discard'),
};

/** Rows of today and of yesterday lie where no day holds them, as after days without maintenance. */
export const lateMaintenance: Fault = {
  what: 'No day was made in an outbox: its rows of yesterday and today lie where no day holds them',
  cure: 'the service is started again, and maintains its tables ten seconds later',
  alerts: ['LandfallOutboxMaintenance'],
  async begin(system) {
    const today = `provisioning.outbox_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
    await system.sql(
      `begin; alter table provisioning.outbox detach partition ${today};
       insert into provisioning.outbox select * from ${today}; drop table ${today};
       update provisioning.outbox_default set created_at = created_at - interval '1 day' where id = (select min(id) from provisioning.outbox_default);
       commit`,
    );
  },
  async end(system) {
    await system.system.restart('provisioning');
    await system.untilMetric('provisioning', 'outbox_default_rows', (rows) => rows === 0);
  },
};

export const nightsWithoutSnapshots: Fault = {
  what: 'No night of snapshots can begin, and the last one was three days ago',
  cure: 'the night can begin',
  alerts: ['LandfallSnapshotsOld'],
  async begin(system) {
    await system.refuse('subscription.snapshot_runs', 'insert');
    await system.sql(`update subscription.snapshot_runs set day = day - 3, ended_at = ended_at - interval '3 days'`);
  },
  end: (system) => system.allow('subscription.snapshot_runs'),
};

/** Webhooks that are probably meant for us and carry another audience. */
export const foreignAudience = (subscriptionOf: () => string): Fault => ({
  what: 'A webhook carries the audience of another application',
  cure: 'none comes for an hour',
  alerts: ['LandfallWebhooksRejected'],
  async begin({ microsoft }) {
    const [delivery] = await microsoft.deliveries(subscriptionOf());
    await microsoft.forge(delivery!.id, 'wrong-aud');
  },
  async end() {},
});
