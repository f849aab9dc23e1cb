import type { FastifyInstance } from 'fastify';
import type { Addresses } from '../identity/addresses';
import type { Marketplace } from '../marketplace';
import { Cancellations } from '../operation/cancellations';
import type { ChangeRequests } from '../operation/change.requests';
import type { OperationOpener } from '../operation/operation.opener';
import { OperationStarter } from '../operation/operation.starter';
import type { Settlement } from '../operation/settlement';
import type { DocumentStore } from '../state/document.store';
import { Activation } from '../subscription/activation';
import { ApiAnswers } from './api.answers';
import { OperationRoutes } from './operation.routes';
import type { PurchaseTokens } from './purchase.tokens';
import { ResolveRoute } from './resolve.route';
import { SubscriptionList } from './subscription.list';
import { SubscriptionRoutes } from './subscription.routes';
import { TokenUses, type UsedToken } from './token.uses';

export interface FulfillmentParts {
  store: DocumentStore;
  marketplace: Marketplace;
  addresses: Addresses;
  opener: OperationOpener;
  settlement: Settlement;
  changes: ChangeRequests;
  purchaseTokens: PurchaseTokens;
}

/** The calls of the fulfillment API, and what works behind them. */
export function fulfillmentRoutes(parts: FulfillmentParts): { register(server: FastifyInstance): void }[] {
  const { store, marketplace, addresses, opener, settlement, changes, purchaseTokens } = parts;
  const cancellations = new Cancellations(marketplace, opener, settlement);
  new OperationStarter(marketplace, cancellations, settlement);
  const activation = new Activation(marketplace, opener, settlement);
  const answers = new ApiAnswers(marketplace);
  const list = new SubscriptionList(marketplace, addresses, answers);
  const tokenUses = new TokenUses(store.collection<UsedToken>('used-purchase-token'));
  return [
    new ResolveRoute(marketplace, purchaseTokens, tokenUses, answers),
    new SubscriptionRoutes(marketplace, addresses, answers, list, activation, changes, cancellations),
    new OperationRoutes(marketplace, settlement, answers),
  ];
}
