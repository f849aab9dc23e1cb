import type { DataOf, PlanOnOffer, purchaseUnresolved } from '@landfall/contracts';

export type UnresolvedReason = DataOf<typeof purchaseUnresolved>['reason'];

/** What became of an opened purchase, as far as the page shows it. */
export interface Purchase {
  readonly purchaseId: string;
  readonly openedAt: string;
  readonly subscriptionId: string | null;
  readonly plans: readonly PlanOnOffer[] | null;
  readonly unresolvedReason: UnresolvedReason | null;
}

/**
 * Where a purchase stands.
 *
 * - `opening`: fulfillment was asked what its token stands for
 * - `unresolved`: the token led nowhere, and the newest reason is shown. It may still be registered
 * - `registered`: it belongs to a subscription, and stays with the first one, whatever is said of its token later
 */
export type PurchaseState = 'opening' | 'unresolved' | 'registered';

export function stateOf({ subscriptionId, unresolvedReason }: Purchase): PurchaseState {
  if (subscriptionId !== null) return 'registered';
  return unresolvedReason === null ? 'opening' : 'unresolved';
}
