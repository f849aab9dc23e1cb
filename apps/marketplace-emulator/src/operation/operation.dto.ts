import type { Subscription } from '../subscription/subscription';
import { shownOfferId, type Parties } from '../subscription/subscription.dto';
import type { Operation } from './operation';

/** The operation as the REST API shows it (contract 3.10): no quantity at a flat rate, and as seen live no error where there is none. */
export function operationInRest(operation: Operation, subscription: Subscription, { catalogue }: Pick<Parties, 'catalogue'>) {
  return {
    id: operation.id,
    activityId: operation.id,
    publisherId: catalogue.offerOf(subscription).publisherId,
    offerId: shownOfferId(subscription),
    planId: operation.planId,
    ...(operation.quantity === null ? {} : { quantity: operation.quantity }),
    operationRequestSource: operation.requestSource,
    subscriptionId: operation.subscriptionId,
    timeStamp: operation.timeStamp,
    action: operation.action,
    status: operation.status,
    ...(operation.errorMessage ? { errorStatusCode: operation.errorStatusCode, errorMessage: operation.errorMessage } : {}),
  };
}
