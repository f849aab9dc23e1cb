import type { Alert, Scale } from '@landfall/local';
import type { Fault } from './fault';
import { brokenCatalog, differentCatalogs, unusableVeto } from './faults/catalog.faults';
import { failingProduct, silentProduct, unapproved, unconfirmed, unreleasedTenant } from './faults/customer.faults';
import {
  deadLetter,
  failingMessage,
  foreignAudience,
  lateMaintenance,
  nightsWithoutSnapshots,
  refusedDeadLetter,
  unknownJob,
} from './faults/message.faults';
import { emptyList, fewCalls, microsoftAway, wrongRegistration } from './faults/microsoft.faults';
import { brokerGone, databaseGone, restarts, serviceGone } from './faults/process.faults';
import { endUnseen, reminderUntold } from './faults/time.faults';
import { changedByHand, neverAnswered, nightsWithoutAudit } from './faults/usage.faults';
import { undecidedUsage } from './faults/undecided.faults';

/** Faults of a chain come one after the other, chains of a phase side by side. A phase begins when no alert fires any more. */
export type Phase = readonly (readonly Fault[])[];

/** Active subscriptions, which customers have bought before; each is taken by its number. */
export const subscriptionsNeeded = 4;

export function planFaults(subscription: (number: number) => string): readonly Phase[] {
  const [changed, held, suspended] = [() => subscription(0), () => subscription(1), () => subscription(2)];
  return [
    [
      [silentProduct, unreleasedTenant],
      [failingProduct],
      [unapproved()],
      [unconfirmed()],
      [refusedDeadLetter, deadLetter],
      [failingMessage(held)],
      [unknownJob],
      [nightsWithoutSnapshots],
      [brokenCatalog, unusableVeto],
      [nightsWithoutAudit, changedByHand(() => subscription(3))],
      [neverAnswered(() => subscription(0))],
    ],
    [[microsoftAway(changed)]],
    [[fewCalls(() => [subscription(0), subscription(3)])], [lateMaintenance, serviceGone], [foreignAudience(held)]],
    [[wrongRegistration], [differentCatalogs, restarts]],
    [[brokerGone(changed)]],
    [[databaseGone(held)]],
    [[emptyList()], [undecidedUsage]],
    [[reminderUntold(suspended), endUnseen(suspended)]],
  ];
}

/** Of what is usual: a `for` of five minutes is five seconds. */
const usual: Scale = { age: 60, window: 60 };

/** Where the usual division is too much for the alert's own pace, too little for the patience of who waits, or where time itself is moved. */
const scales: Readonly<Record<string, Partial<Scale>>> = {
  LandfallServiceRestarting: { window: 15 },
  LandfallOutboxNotPublished: { age: 30 },
  LandfallMessagesNotHandled: { age: 20, window: 20 },
  LandfallConsumerNotReading: { age: 20, window: 20 },
  LandfallConsumerRefused: { age: 20, window: 30 },
  LandfallOutboxMaintenance: { window: 120 },
  LandfallSnapshotsOld: { age: 1 },
  LandfallSetUpSlow: { age: 240 },
  LandfallProductSilent: { age: 120 },
  LandfallUnserved: { age: 120 },
  LandfallApprovalWaiting: { age: 960 },
  LandfallRequestPending: { age: 360 },
  LandfallDeadlineOverdue: { age: 1, window: 120 },
  LandfallRemindersLate: { age: 1 },
  LandfallDriftOpen: { age: 180 },
  LandfallCallsWaiting: { age: 2, window: 15 },
  LandfallCredentialExpires: { age: 1, window: 120 },
  LandfallUsageNotCompared: { age: 1 },
  LandfallSweepOld: { age: 180 },
  LandfallSweepUnanswered: { age: 180 },
  LandfallUsageNotSent: { age: 1 },
  LandfallUsageUnchecked: { age: 1 },
};

export const scaleOf = ({ alert }: Pick<Alert, 'alert'>): Scale => ({ ...usual, ...scales[alert] });
