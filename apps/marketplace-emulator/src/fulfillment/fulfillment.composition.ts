import type { FastifyInstance } from 'fastify';
import type { Applications } from '../applications/applications';
import type { Addresses } from '../identity/addresses';
import { Cancellations } from '../operation/cancellations';
import type { ChangeRequests } from '../operation/change.requests';
import type { OperationBook } from '../operation/operation.book';
import type { OperationOpener } from '../operation/operation.opener';
import { OperationStarter } from '../operation/operation.starter';
import type { Settlement } from '../operation/settlement';
import type { SettingsBook } from '../settings/settings';
import type { Atomically } from '../state/atomically';
import type { DocumentStore } from '../state/document.store';
import { Activation } from '../subscription/activation';
import type { SubscriptionBook } from '../subscription/subscription.book';
import type { Parties } from '../subscription/subscription.wire';
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
  subscriptions: SubscriptionBook;
  operations: OperationBook;
  applications: Applications;
  webhooks: WebhookQueue;
  settings: SettingsBook;
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
  new OperationStarter(subscriptions, operations, webhooks, settings, scheduler, cancellations, settlement);
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
