import { provisioningReplies } from '@landfall/contracts';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '@landfall/local';
import type { Fault } from '../fault';
import type { RunningSystem } from '../running.system';

export const serviceGone: Fault = {
  what: 'The only copy of a service is killed and not started again (provisioning)',
  cure: 'it is started',
  alerts: ['LandfallServiceDown'],
  begin: ({ system }) => system.kill('provisioning'),
  end: ({ system }) => system.restart('provisioning'),
};

const kills = 4;
/** Longer than between two scrapes: each start has to be seen. */
const seenMs = 2_500;

const pidOf = ({ system }: RunningSystem, service: string): number => system.run.services.find(({ name }) => name === service)!.pid;

export const restarts: Fault = {
  what: 'A service ends by SIGKILL four times, and is started again each time (gateway)',
  cure: 'it runs on',
  alerts: ['LandfallServiceRestarting'],
  async begin(system) {
    const { managementUrl } = system.system.run.services.find(({ name }) => name === 'gateway')!;
    for (let killed = 0; killed < kills; killed++) {
      const pid = pidOf(system, 'gateway');
      process.kill(pid, 'SIGKILL');
      await until(() => ![0, pid].includes(pidOf(system, 'gateway')));
      await until(async () => (await fetch(`${managementUrl}/metrics`).catch(() => undefined))?.ok); // it does not listen at first
      await wait(seenMs);
    }
  },
  async end() {},
};

/** A webhook is stored and cannot be told on. */
export const brokerGone = (subscriptionOf: () => string): Fault => ({
  what: 'The only broker is killed, and a customer changes seats',
  cure: 'it is started',
  alerts: ['LandfallOutboxNotPublished', 'LandfallConsumerNotReading'],
  async begin({ system, microsoft }) {
    await system.kill('kafka');
    await microsoft.act(subscriptionOf(), 'change-quantity', { quantity: 21 });
  },
  end: ({ system }) => system.restart('kafka'),
});

/** Messages are fetched and their batches do not commit, and webhooks cannot be stored. */
export function databaseGone(subscriptionOf: () => string): Fault {
  let deliveryId = '';
  return {
    what: 'The database is killed, while webhooks come and a product writes to its topic',
    cure: 'it is started',
    alerts: ['LandfallMessagesNotHandled', 'LandfallWebhooksNotTaken'],
    async begin(running) {
      deliveryId = (await running.microsoft.deliveries(subscriptionOf()))[0]!.id;
      await running.system.kill('postgres');
      await running.writeUnreadable(provisioningReplies.name);
    },
    async keepOn({ microsoft }) {
      await microsoft.redeliver(deliveryId);
    },
    async end(running) {
      await running.system.restart('postgres');
      await running.actOnAll('provisioning', 'dead-letters', 'discard');
    },
  };
}
