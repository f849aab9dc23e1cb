import { Controller } from '@nestjs/common';
import {
  activate,
  fulfillmentCommands,
  gatewayEvents,
  operationDecided,
  purchaseOpened,
  subscriptionDecisions,
  webhookAnswered,
  webhookReceived,
  webhookUnreadable,
} from '@landfall/contracts';
import { Consumes, stages, stagesForSome } from '@landfall/messaging';
import { orderActivation } from './activation/activation.domain';
import { recordAnswer, recordVerdict } from './operation/acknowledgement.domain';
import { observe } from './operation/observation.domain';
import { operationKey } from './operation/operation';
import { OperationRepository } from './operation/operation.repository';
import { isCancellation, verify } from './operation/verification.domain';
import { WebhookEnrichment } from './operation/webhook.enrichment';
import { orderResolution } from './purchase/purchase.domain';

/**
 * Everything that this service consumes: customers' purchases, Microsoft's webhooks, and what the subscription service decides and wants
 * done.
 */
@Controller()
export class FulfillmentConsumer {
  constructor(
    private readonly microsoft: WebhookEnrichment,
    private readonly operations: OperationRepository,
  ) {}

  @Consumes(gatewayEvents)
  onGatewayEvents() {
    return stagesForSome(gatewayEvents, {
      // the state is an operation's: a message that waits for one holds up nothing else of its subscription
      key: (event) => ('operationId' in event.data ? operationKey(event.data) : event.key),
      enrich: {
        [webhookReceived.type]: (webhook, attempt) => this.microsoft.factsAbout(webhook, attempt), // Get Operation, Get Subscription
        [webhookUnreadable.type]: (webhook) => this.microsoft.subscriptionOf(webhook),
      },
      bypassesBlock: isCancellation,
      load: (tx, keys) => this.operations.lock(tx, keys),
      decide: {
        [purchaseOpened.type]: orderResolution,
        [webhookReceived.type]: verify,
        [webhookUnreadable.type]: observe,
        [webhookAnswered.type]: recordAnswer,
      },
      save: (tx, operations) => this.operations.save(tx, operations),
    });
  }

  @Consumes(subscriptionDecisions)
  onSubscriptionDecisions() {
    return stagesForSome(subscriptionDecisions, {
      key: (decision) => (decision.type === operationDecided.type ? operationKey(decision.data) : decision.key),
      load: (tx, keys) => this.operations.lock(tx, keys),
      decide: { [operationDecided.type]: recordVerdict },
      save: (tx, operations) => this.operations.save(tx, operations),
    });
  }

  @Consumes(fulfillmentCommands)
  onFulfillmentCommands() {
    return stages(fulfillmentCommands, { decide: { [activate.type]: orderActivation } });
  }
}
