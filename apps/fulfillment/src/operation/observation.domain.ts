import { subscriptionObserved, type MessageOf, type webhookUnreadable } from '@landfall/contracts';
import { changed, type Outcome } from '@landfall/messaging';
import type { SubscriptionReading } from '../microsoft/microsoft.readings';

/** A webhook that nobody can read only shows that something happened: the subscription itself shows what. */
export const observe = (
  _operation: undefined,
  { data: { subscriptionId } }: MessageOf<typeof webhookUnreadable>,
  { snapshot, readAt }: SubscriptionReading,
): Outcome<undefined> => changed(undefined, subscriptionObserved({ subscriptionId, snapshot, readAt, occasion: 'webhook' }));
