import { Controller } from '@nestjs/common';
import { fulfillmentEvents, gatewayEvents, provisioningEvents, purchaseConfirmed } from '@landfall/contracts';
import { Consumes, type BatchOf } from '@landfall/messaging';
import { ContactVault } from './contact.vault';
import { decideConfirmation } from './purchase.domain';
import { decide, decideProvisioning, isTheEnd } from './subscription.domain';
import { SubscriptionRepository } from './subscription.repository';

/** The door of the record: what Microsoft said, what customers did, what became of their tenants. */
@Controller()
export class SubscriptionConsumer {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly contacts: ContactVault,
  ) {}

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents(batch: BatchOf<typeof fulfillmentEvents>) {
    return batch.process({
      passes: isTheEnd,
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide,
      save: (tx, changed) => this.subscriptions.save(tx, changed),
    });
  }

  @Consumes(gatewayEvents)
  onGatewayEvents(batch: BatchOf<typeof gatewayEvents>) {
    return batch.process(
      {
        gather: (message) => this.contacts.take(message.data),
        load: (tx, ids) => this.subscriptions.lock(tx, ids),
        decide: decideConfirmation,
        save: (tx, changed) => this.subscriptions.save(tx, changed),
      },
      { only: [purchaseConfirmed] },
    );
  }

  @Consumes(provisioningEvents)
  onProvisioningEvents(batch: BatchOf<typeof provisioningEvents>) {
    return batch.process({
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: decideProvisioning,
      save: (tx, changed) => this.subscriptions.save(tx, changed),
    });
  }
}
