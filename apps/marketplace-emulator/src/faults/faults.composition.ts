import type { PurchaseTokens } from '../fulfillment/purchase.tokens';
import type { Addresses } from '../identity/addresses';
import type { Marketplace } from '../marketplace';
import { CallContext } from './call.context';
import { CallFaults } from './call.faults';
import { HeldConnections } from './answer/held.connections';
import { Past } from './past';

export function callFaultsOf(marketplace: Marketplace, purchaseTokens: PurchaseTokens, addresses: Addresses): CallFaults {
  const facts = new CallContext(marketplace, purchaseTokens);
  return new CallFaults(marketplace.faults, facts, new Past(marketplace), new HeldConnections(), addresses);
}
