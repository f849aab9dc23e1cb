import { Controller } from '@nestjs/common';
import {
  gatewayEvents,
  purchaseOpened,
  subscriptionObserved,
  webhookAnswered,
  webhookReceived,
  webhookUnreadable,
  type MessageOf,
} from '@landfall/contracts';
import { changed, Consumes, stagesForSome, type Outcome } from '@landfall/messaging';
import { operationKey, type Operation, type Reading } from './operation/operation';
import { OperationRepository } from './operation/operation.repository';
import { answered } from './operation/settlement.domain';
import { verify } from './operation/verification.domain';
import { WebhookFacts } from './operation/webhook.facts';
import { resolvePurchase } from './purchase/purchase.job';

type GatewayEvent = MessageOf<typeof gatewayEvents>;

/** What customers did, and what Microsoft's webhook said. */
@Controller()
export class GatewayEventsConsumer {
  constructor(
    private readonly facts: WebhookFacts,
    private readonly operations: OperationRepository,
  ) {}

  @Consumes(gatewayEvents)
  onGatewayEvents() {
    return stagesForSome(gatewayEvents, {
      key: (event) => ('operationId' in event.data ? operationKey(event.data) : event.key), // what waits for one operation holds up nothing else
      enrich: {
        [webhookReceived.type]: (event, attempt) => this.facts.about(event, attempt), // Get Operation, Get Subscription
        [webhookUnreadable.type]: (event) => this.facts.aboutUnreadable(event),
      },
      bypassesBlock: isCancellation,
      load: (tx, keys) => this.operations.lock(tx, keys),
      decide: {
        [purchaseOpened.type]: (_operation: undefined, { data }) => changed(undefined, resolvePurchase(data)),
        [webhookReceived.type]: verify,
        [webhookUnreadable.type]: observe,
        [webhookAnswered.type]: answered,
      },
      save: (tx, operations) => this.operations.save(tx, operations),
    });
  }
}

/** Nothing that still waits to be verified may hold up the end of a subscription (rule 3). */
const isCancellation = (event: GatewayEvent): boolean => event.type === webhookReceived.type && event.data.action === 'Unsubscribe';

/** A webhook that nobody can read only says that something happened: the subscription itself tells what. */
const observe = (
  _operation: Operation | undefined,
  { data }: MessageOf<typeof webhookUnreadable>,
  { snapshot, readAt }: Reading,
): Outcome<Operation | undefined> =>
  changed(undefined, subscriptionObserved({ subscriptionId: data.subscriptionId, snapshot, readAt, occasion: 'webhook' }));
