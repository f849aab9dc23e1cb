import {
  type DataOf,
  type fulfillmentEvents,
  type MessageOf,
  type provisioningEvents,
  type subscriptionObserved,
} from '@landfall/contracts';
import { ignored, type Outcome } from '@landfall/messaging';
import { decideOperation, decideSettlement, finish } from './operation/operation.domain';
import { decidePurchase, decideStuck, decideTenant } from './purchase/purchase.domain';
import { observe, register } from './subscription/comparison.domain';
import { type Subscription } from './subscription/subscription';
import { unfold, type Occasion } from './subscription/unfolding.domain';

export type FulfillmentEvent = MessageOf<typeof fulfillmentEvents>;
export type ProvisioningEvent = MessageOf<typeof provisioningEvents>;

/** What Microsoft said, through fulfillment. */
export function decide(current: Subscription | undefined, message: FulfillmentEvent): Outcome<Subscription> {
  switch (message.type) {
    case 'landfall.fulfillment.purchase-resolved.v1':
      return decidePurchase(current, message);
    case 'landfall.fulfillment.operation-verified.v1':
      return decideOperation(current, message);
    case 'landfall.fulfillment.operation-settled.v1':
      return decideSettlement(current, message);
    case 'landfall.fulfillment.subscription-observed.v1':
      return decideObservation(current, message.data);
    case 'landfall.fulfillment.activation-failed.v1':
      return decideStuck(current, `activation failed: ${message.data.reason}`);
    case 'landfall.fulfillment.purchase-unresolved.v1':
      return ignored('the gateway tells the customer');
  }
}

/** The end passes whatever is parked for its subscription: nothing that comes after it changes anything (rule 3). */
export const isTheEnd = ({ data }: FulfillmentEvent): boolean => 'snapshot' in data && data.snapshot.status === 'Unsubscribed';

/** What became of the tenant. */
export function decideProvisioning(current: Subscription | undefined, message: ProvisioningEvent): Outcome<Subscription> {
  switch (message.type) {
    case 'landfall.provisioning.tenant-provisioned.v1':
      return decideTenant(current, message);
    case 'landfall.provisioning.tenant-provisioning-failed.v1':
      return decideStuck(current, `provisioning failed: ${message.data.reason}`);
    case 'landfall.provisioning.tenant-taken-back.v1':
      return ignored('the subscription had ended before');
  }
}

function decideObservation(current: Subscription | undefined, { snapshot, readAt, occasion }: DataOf<typeof subscriptionObserved>) {
  const source = occasion === 'activation' ? ('landing' as const) : occasion;
  const why: Occasion = { cause: { source }, effectiveAt: null, observedAt: readAt };
  return finish(current ? observe(unfold(current), snapshot, readAt, why) : register(snapshot, readAt, true, why)); // rule 6
}
