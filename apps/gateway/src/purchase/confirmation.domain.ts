import { purchaseConfirmed, type Person, type Stage, type Status } from '@landfall/contracts';
import { changed, ignored, notYet, refused, type Outcome } from '@landfall/messaging';
import type { ProjectionChange, SubscriptionProjection } from '../projection/projection';
import { mayManage } from './person.domain';

export interface Confirmation {
  readonly purchaseId: string;
  readonly person: Person;
  readonly encryptedContact: string;
  readonly answers: Record<string, string>;
  readonly confirmedAt: string;
}

/**
 * Where the customer's confirmation is waited for. A subscription that Microsoft activated by itself is confirmed, too: it still has no
 * tenant.
 */
const confirmableAt: Record<Status, readonly Stage[]> = {
  NotStarted: ['awaiting-customer'],
  PendingFulfillmentStart: ['awaiting-customer'],
  Subscribed: ['awaiting-customer'],
  Suspended: [],
  Unsubscribed: [],
};

export function awaitsConfirmation({ status, stage, confirmedAt }: SubscriptionProjection): boolean {
  return confirmableAt[status].includes(stage) && confirmedAt === null;
}

/**
 * The customer confirms the purchase. It counts once per subscription: a second click, tab or colleague changes nothing. Why it is refused,
 * or has to wait, is shown to the customer.
 */
export function confirm(change: ProjectionChange | undefined, confirmation: Confirmation): Outcome<ProjectionChange> {
  if (!change) return notYet('Your purchase has not been registered yet.');
  const { projection } = change;
  if (!mayManage(confirmation.person, projection)) return refused('This account may not confirm the purchase.');
  if (!awaitsConfirmation(projection)) return ignored('there is nothing to confirm');
  const { purchaseId, confirmedAt } = confirmation;
  const confirmed = { ...projection, confirmedAt, confirmedPurchaseId: purchaseId };
  const { subscriptionId } = projection;
  return changed({ ...change, projection: confirmed }, purchaseConfirmed({ ...confirmation, subscriptionId }));
}
