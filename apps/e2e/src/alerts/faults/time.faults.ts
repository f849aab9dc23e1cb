import { eventually } from '../../eventually';
import type { Fault } from '../fault';

const subscriptions = 'subscription.subscriptions';

/** Both follow business time, which the emulator moves: nothing has to be divided. */
export const reminderUntold = (subscriptionOf: () => string): Fault => ({
  what: 'Microsoft suspends, 24 days pass, and the table refuses that a reminder is noted as told',
  cure: 'the table takes it',
  alerts: ['LandfallRemindersLate'],
  async begin(system) {
    const subscriptionId = subscriptionOf();
    await system.microsoft.act(subscriptionId, 'suspend');
    await system.untilRecord(subscriptionId, ({ status }) => status === 'Suspended');
    await eventually(async () => {
      const [row] = await system.sql('select deadline_at from subscription.subscriptions where id = $1', [subscriptionId]);
      if (!row?.['deadline_at']) throw new Error(`${subscriptionId} has no deadline yet`);
    });
    await system.refuse(subscriptions, 'update', 'new.next_milestone_at is distinct from old.next_milestone_at');
    await system.microsoft.advance('P24D');
  },
  end: (system) => system.allow(subscriptions),
});

/** The webhook of the end is lost, and reads show what was three days before. */
export function endUnseen(subscriptionOf: () => string): Fault {
  const rules: string[] = [];
  return {
    what: 'Eight days later Microsoft has ended the subscription, its webhook is lost, and what is read of it is three days old',
    cure: 'reads show what is',
    alerts: ['LandfallDeadlineOverdue'],
    async begin({ microsoft }) {
      const lost = { surface: 'webhook', subscriptionId: subscriptionOf() };
      rules.push(await microsoft.fault({ name: 'lost webhook', on: lost, do: { effect: 'drop', as: 'believed' } }));
      const reads = { surface: 'fulfillment', method: 'GET', subscriptionId: subscriptionOf() };
      rules.push(await microsoft.fault({ name: 'old reads', on: reads, do: { effect: 'staleRead', age: 'P3D' } }));
      await microsoft.advance('P8D');
    },
    async end({ microsoft }) {
      for (const id of rules) await microsoft.endFault(id);
    },
  };
}
