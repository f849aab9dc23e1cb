import type { Applications } from '../applications/applications';
import type { Observer } from '../breaches/observer';
import type { CallLedger } from '../calls/call.ledger';
import type { FaultRepository } from '../faults/rule/fault.repository';
import type { SigningKeys } from '../identity/token/signing.keys';
import type { WebhookTokens } from '../identity/token/webhook.tokens';
import type { PublisherAddresses } from '../offers/publisher.addresses';
import type { OperationRepository } from '../operation/operation.repository';
import type { Settlement } from '../operation/settlement';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import type { DocumentStore } from '../state/document.store';
import type { Parties } from '../subscription/subscription.dto';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import { DeliveryFaults } from './delivery/delivery.faults';
import { DeliveryOutcomes } from './delivery/delivery.outcomes';
import { DispatchPause, type StoredPause } from './delivery/dispatch.pause';
import { ManualDeliveries } from './delivery/manual.deliveries';
import { WebhookDispatcher } from './delivery/webhook.dispatcher';
import { WebhookSender } from './delivery/webhook.sender';
import { WebhookTransmitter } from './delivery/webhook.transmitter';
import type { BadTokenSigner } from './token/bad.token.signer';
import { TokenSupply } from './token/token.supply';
import type { WebhookQueue } from './webhook.queue';

interface WebhookParts extends Parties {
  store: DocumentStore;
  webhooks: WebhookQueue;
  subscriptions: SubscriptionRepository;
  operations: OperationRepository;
  applications: Applications;
  settings: SettingsRepository;
  faults: FaultRepository;
  observer: Observer;
  scheduler: Scheduler;
  clock: Clock;
  atomically: Atomically;
  settlement: Settlement;
  publisherAddresses: PublisherAddresses;
  tokens: WebhookTokens;
  keys: SigningKeys;
  badTokenSigner: BadTokenSigner;
  ledger: CallLedger;
  onError: (error: unknown) => void;
}

/** Everything that sends webhooks, put together. */
export function composeWebhooks(parts: WebhookParts) {
  const { webhooks, subscriptions, operations, applications, settings, scheduler, clock, atomically, publisherAddresses } = parts;
  const pause = new DispatchPause(parts.store.collection<StoredPause>('webhook-pause'), clock);
  const transmitter = new WebhookTransmitter(
    operations,
    publisherAddresses,
    settings,
    clock,
    parts.observer,
    new TokenSupply(parts.tokens, parts.keys, applications, subscriptions, settings, clock),
    parts.badTokenSigner,
    new WebhookSender(),
    parts.ledger,
  );
  const dispatcher = new WebhookDispatcher(
    webhooks,
    publisherAddresses,
    settings,
    scheduler,
    atomically,
    transmitter,
    new DeliveryOutcomes(webhooks, operations, parts.settlement, settings, clock, atomically),
    pause,
    new DeliveryFaults(parts.faults, subscriptions, operations, webhooks, clock),
    parts.onError,
  );
  return { pause, transmitter, dispatcher, manual: new ManualDeliveries(webhooks, parts, clock, dispatcher, transmitter) };
}
