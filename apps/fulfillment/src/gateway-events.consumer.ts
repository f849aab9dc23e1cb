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
import { changed, Consumes, type BatchOf, type Outcome, type Trial } from '@landfall/messaging';
import { operationKey, type Facts, type Operation, type Reading } from './operation/operation';
import { OperationRepository } from './operation/operation.repository';
import { answered } from './operation/settlement.domain';
import { verify } from './operation/verification.domain';
import { WebhookFacts } from './operation/webhook.facts';
import { resolvePurchase } from './purchase/purchase.job';

const interesting = [purchaseOpened, webhookReceived, webhookUnreadable, webhookAnswered] as const;
type GatewayEvent = MessageOf<(typeof interesting)[number]>;
type Gathered = Facts | Reading | undefined;

/** The door from the customers and from Microsoft's webhook. */
@Controller()
export class GatewayEventsConsumer {
  constructor(
    private readonly facts: WebhookFacts,
    private readonly operations: OperationRepository,
  ) {}

  @Consumes(gatewayEvents)
  onGatewayEvents(batch: BatchOf<typeof gatewayEvents>) {
    return batch.process(
      {
        key: (event: GatewayEvent) => ('operationId' in event.data ? operationKey(event.data) : event.key),
        gather: (event: GatewayEvent, trial) => this.factsAbout(event, trial), // Get Operation, Get Subscription
        passes: isCancellation,
        load: (tx, keys) => this.operations.lock(tx, keys),
        decide,
        save: (tx, states) =>
          this.operations.save(
            tx,
            states.filter((state) => state !== undefined),
          ),
      },
      { only: interesting },
    );
  }

  private async factsAbout(event: GatewayEvent, trial: Trial): Promise<Gathered> {
    switch (event.type) {
      case webhookReceived.type:
        return this.facts.about(event, trial);
      case webhookUnreadable.type:
        return this.facts.aboutUnreadable(event);
      default:
        return undefined;
    }
  }
}

/** Nothing that still waits to be verified may hold up the end of a subscription (rule 3). */
const isCancellation = (event: GatewayEvent): boolean => event.type === webhookReceived.type && event.data.action === 'Unsubscribe';

function decide(known: Operation | undefined, event: GatewayEvent, gathered: Gathered): Outcome<Operation | undefined> {
  switch (event.type) {
    case purchaseOpened.type:
      return changed(undefined, resolvePurchase(event.data));
    case webhookReceived.type:
      return verify(known, event, gathered as Facts);
    case webhookUnreadable.type:
      return changed(undefined, observation(event, gathered as Reading));
    case webhookAnswered.type:
      return answered(known, event);
  }
}

const observation = ({ data: { subscriptionId } }: MessageOf<typeof webhookUnreadable>, { snapshot, readAt }: Reading) =>
  subscriptionObserved({ subscriptionId, snapshot, readAt, occasion: 'webhook' });
