import type { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import type { Addresses } from '../identity/addresses';
import type { OperationRepository } from '../operation/operation.repository';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import { CallContext } from './call.context';
import { CallFaults } from './call.faults';
import type { FaultRepository } from './rule/fault.repository';
import { HeldConnections } from './answer/held.connections';
import { Past } from './past';

export interface CallFaultParts {
  faults: FaultRepository;
  subscriptions: SubscriptionRepository;
  operations: OperationRepository;
  clock: Clock;
  purchaseTokens: PurchaseTokens;
  addresses: Addresses;
}

/** Puts together what makes faults happen to calls. */
export function callFaultsOf({ faults, subscriptions, operations, clock, purchaseTokens, addresses }: CallFaultParts): CallFaults {
  const context = new CallContext({ subscriptions, operations }, purchaseTokens);
  return new CallFaults(faults, context, new Past({ subscriptions, operations, clock }), new HeldConnections(), addresses);
}
