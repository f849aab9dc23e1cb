import type { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import type { Addresses } from '../identity/addresses';
import type { OperationBook } from '../operation/operation.book';
import type { SubscriptionBook } from '../subscription/subscription.book';
import type { Clock } from '../time/clock';
import { CallContext } from './call.context';
import { CallFaults } from './call.faults';
import type { FaultRepository } from './rule/fault.repository';
import { HeldConnections } from './answer/held.connections';
import { Past } from './past';

export interface CallFaultParts {
  faults: FaultRepository;
  subscriptions: SubscriptionBook;
  operations: OperationBook;
  clock: Clock;
  purchaseTokens: PurchaseTokens;
  addresses: Addresses;
}

export function callFaultsOf({ faults, subscriptions, operations, clock, purchaseTokens, addresses }: CallFaultParts): CallFaults {
  const facts = new CallContext({ subscriptions, operations }, purchaseTokens);
  return new CallFaults(faults, facts, new Past({ subscriptions, operations, clock }), new HeldConnections(), addresses);
}
