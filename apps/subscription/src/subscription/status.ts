import type { Access, Stage, Status } from '@landfall/contracts';

/** What follows from a status that Microsoft shows. `stale`: nothing at Microsoft leads back there, so an old copy has answered. */
export type StatusChange = 'none' | 'subscribe' | 'suspend' | 'reinstate' | 'end' | 'stale' | 'absorbed';

const fromPending = {
  NotStarted: 'none',
  PendingFulfillmentStart: 'none',
  Subscribed: 'subscribe',
  Suspended: 'suspend',
  Unsubscribed: 'end',
} as const;

/** The status of the record → the status that Microsoft shows → what follows (contract 5.2). `NotStarted` counts as pending (contract 5.1). */
export const statusChange: Readonly<Record<Status, Readonly<Record<Status, StatusChange>>>> = {
  NotStarted: fromPending,
  PendingFulfillmentStart: fromPending,
  Subscribed: { NotStarted: 'stale', PendingFulfillmentStart: 'stale', Subscribed: 'none', Suspended: 'suspend', Unsubscribed: 'end' },
  Suspended: { NotStarted: 'stale', PendingFulfillmentStart: 'stale', Subscribed: 'reinstate', Suspended: 'none', Unsubscribed: 'end' },
  // rule 3
  Unsubscribed: {
    NotStarted: 'absorbed',
    PendingFulfillmentStart: 'absorbed',
    Subscribed: 'absorbed',
    Suspended: 'absorbed',
    Unsubscribed: 'absorbed',
  },
};

/** What a set-up waits for in each stage. What arrives in another stage has come before, or is not wanted any more: it changes nothing. */
export const awaitedIn: Readonly<Record<Stage, 'confirmation' | 'approval' | 'tenant' | 'activation' | null>> = {
  'awaiting-customer': 'confirmation',
  'awaiting-approval': 'approval',
  rejected: null,
  provisioning: 'tenant',
  activating: 'activation',
  done: null,
};

/** What the customer may use: what they really have, not what was ordered (rule 11). */
export function accessOf(status: Status, stage: Stage): Access {
  if (status === 'Unsubscribed') return 'ended';
  if (stage !== 'done') return 'none';
  return status === 'Suspended' ? 'limited' : 'full';
}
