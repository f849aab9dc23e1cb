import { Controller } from '@nestjs/common';
import {
  activate,
  cancelSubscription,
  changeSubscription,
  fulfillmentCommands,
  gatewayEvents,
  operationDecided,
  purchaseOpened,
  readSubscription,
  subscriptionContactErased,
  subscriptionDecisions,
  webhookAnswered,
  webhookReceived,
  webhookUnreadable,
  type MessageOf,
} from '@landfall/contracts';
import { Consumes, orderErasure, stages, stagesForSome } from '@landfall/messaging';
import { orderActivation } from './activation/activation.domain';
import { orderCancellation } from './cancellation/cancellation.domain';
import { orderChange } from './change/change.domain';
import { recordAnswer, recordVerdict } from './operation/acknowledgement.domain';
import { orderRead } from './observation/observation.domain';
import { operationKey } from './operation/operation';
import { OperationLooks } from './operation/operation.looks';
import { OperationRepository } from './operation/operation.repository';
import { takeUp, takeUpUnnamed, unnamedReference } from './operation/webhook.domain';
import { orderResolution } from './purchase/purchase.domain';

/**
 * Everything that this service consumes: customers' purchases, Microsoft's webhooks, and what the subscription service decides and wants
 * done.
 */
@Controller()
export class FulfillmentConsumer {
  constructor(
    private readonly looks: OperationLooks,
    private readonly operations: OperationRepository,
  ) {}

  @Consumes(gatewayEvents)
  onGatewayEvents() {
    return stagesForSome(gatewayEvents, {
      key: stateKeyOf, // what waits for one operation holds up nothing else
      enrich: {
        [webhookReceived.type]: (webhook) => this.looks.first(webhook), // Get Operation, Get Subscription
        [webhookUnreadable.type]: (webhook) => this.looks.firstUnnamed(webhook), // the list of outstanding operations, Get Subscription
      },
      load: (tx, keys) => this.operations.lock(tx, keys),
      decide: {
        [purchaseOpened.type]: orderResolution,
        [webhookReceived.type]: takeUp,
        [webhookUnreadable.type]: takeUpUnnamed,
        [webhookAnswered.type]: recordAnswer,
      },
      save: (tx, operations) => this.operations.save(tx, operations),
    });
  }

  @Consumes(subscriptionDecisions)
  onSubscriptionDecisions() {
    return stagesForSome(subscriptionDecisions, {
      key: (decision) => (decision.type === operationDecided.type ? operationKey(decision.data) : decision.key),
      isKnownByState: ({ type }) => type === operationDecided.type, // an operation has one verdict
      load: (tx, keys) => this.operations.lock(tx, keys),
      decide: { [operationDecided.type]: recordVerdict, [subscriptionContactErased.type]: orderErasure },
      save: (tx, operations) => this.operations.save(tx, operations),
    });
  }

  @Consumes(fulfillmentCommands)
  onFulfillmentCommands() {
    return stages(fulfillmentCommands, {
      mayWait: (command) => command.type === readSubscription.type && command.data.afterMs > 0,
      decide: {
        [activate.type]: orderActivation,
        [cancelSubscription.type]: orderCancellation,
        [changeSubscription.type]: orderChange,
        [readSubscription.type]: orderRead,
      },
    });
  }
}

function stateKeyOf(event: MessageOf<typeof gatewayEvents>): string {
  if (event.type === webhookUnreadable.type) return operationKey(unnamedReference(event.data));
  return 'operationId' in event.data ? operationKey(event.data) : event.key;
}
