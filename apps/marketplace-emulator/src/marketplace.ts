import type { Applications } from './applications/applications';
import type { Observer } from './breaches/observer';
import type { FaultRepository } from './faults/rule/fault.repository';
import type { Catalogue } from './offers/catalogue';
import type { OperationBook } from './operation/operation.book';
import type { People } from './people/people';
import type { SettingsBook } from './settings/settings';
import type { SubscriptionBook } from './subscription/subscription.book';
import type { Clock } from './time/clock';
import type { Scheduler } from './time/scheduler';
import type { WebhookQueue } from './webhook/webhook.queue';

/** What everything that happens on Microsoft's side works on. */
export interface Marketplace {
  readonly subscriptions: SubscriptionBook;
  readonly operations: OperationBook;
  readonly people: People;
  readonly applications: Applications;
  readonly catalogue: Catalogue;
  readonly settings: SettingsBook;
  readonly webhooks: WebhookQueue;
  readonly faults: FaultRepository;
  /** Is told what the publisher does. */
  readonly observer: Observer;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  /** Runs a change as a whole or not at all. */
  atomically<R>(change: () => R): R;
}
