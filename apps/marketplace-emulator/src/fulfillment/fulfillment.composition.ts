import type { FastifyInstance } from 'fastify';
import type { Applications } from '../applications/applications';
import type { Addresses } from '../identity/addresses';
import { Cancellations } from '../operation/cancellations';
import type { ChangeRequests } from '../operation/change.requests';
import type { OperationOpener } from '../operation/operation.opener';
import type { OperationRepository } from '../operation/operation.repository';
import { OperationStarter } from '../operation/operation.starter';
import type { Settlement } from '../operation/settlement';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import type { DocumentStore } from '../state/document.store';
import { Activation } from '../subscription/activation';
import type { Parties } from '../subscription/subscription.dto';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { WebhookQueue } from '../webhook/webhook.queue';
import { ApiAnswers } from './api.answers';
import { OperationRoutes } from './operation.routes';
import type { PurchaseTokens } from './purchase/purchase.tokens';
import { ResolveRoute } from './purchase/resolve.route';
import { TokenUses, type UsedToken } from './purchase/token.uses';
import { AvailablePlans } from './subscription/available.plans';
import { SubscriptionList } from './subscription/subscription.list';
import { SubscriptionRoutes } from './subscription/subscription.routes';

interface FulfillmentParts extends Parties {
  store: DocumentStore;
  subscriptions: SubscriptionRepository;
  operations: OperationRepository;
  applications: Applications;
  webhooks: WebhookQueue;
  settings: SettingsRepository;
  scheduler: Scheduler;
  clock: Clock;
  atomically: Atomically;
  addresses: Addresses;
  opener: OperationOpener;
  settlement: Settlement;
  changes: ChangeRequests;
  purchaseTokens: PurchaseTokens;
}

/** The calls of the fulfillment API, and what works behind them. */
export function composeFulfillment(parts: FulfillmentParts): { register(server: FastifyInstance): void }[] {
  const { subscriptions, operations, applications, webhooks, settings, scheduler, clock, atomically, addresses, opener, settlement } =
    parts;
  const cancellations = new Cancellations(subscriptions, operations, webhooks, settings, scheduler, clock, atomically, opener, settlement);
  new OperationStarter(subscriptions, operations, webhooks, settings, scheduler, clock, cancellations, settlement);
  const activation = new Activation(subscriptions, settings, scheduler, clock, atomically, opener, settlement);
  const answers = new ApiAnswers(parts, settings);
  const list = new SubscriptionList(subscriptions, applications, settings, addresses, answers);
  const plans = new AvailablePlans(parts.people, parts.catalogue, settings);
  const tokenUses = new TokenUses(parts.store.collection<UsedToken>('used-purchase-token'));
  return [
    new ResolveRoute(subscriptions, applications, settings, atomically, parts.purchaseTokens, tokenUses, answers),
    new SubscriptionRoutes(subscriptions, settings, addresses, answers, list, plans, activation, parts.changes, cancellations),
    new OperationRoutes({ subscriptions, operations }, settings, settlement, answers),
  ];
}
