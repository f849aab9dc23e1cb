import { Controller } from '@nestjs/common';
import { fulfillmentEvents, gatewayEvents, provisioningEvents, purchaseConfirmed } from '@landfall/contracts';
import { Consumes, everyMessage, stages, stagesForSome } from '@landfall/messaging';
import { ContactVault } from './purchase/contact.vault';
import { decideConfirmation } from './purchase/purchase.domain';
import { decide, decideProvisioning, isTheEnd } from './subscription.domain';
import { SubscriptionRepository } from './subscription/subscription.repository';

/** What Microsoft said, what customers did, what became of their tenants. */
@Controller()
export class SubscriptionConsumer {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly contacts: ContactVault,
  ) {}

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents() {
    return stages(fulfillmentEvents, {
      bypassesBlock: isTheEnd,
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: everyMessage(fulfillmentEvents, decide),
      save: (tx, changed) => this.subscriptions.save(tx, changed),
    });
  }

  @Consumes(gatewayEvents)
  onGatewayEvents() {
    return stagesForSome(gatewayEvents, {
      enrich: { [purchaseConfirmed.type]: (message) => this.contacts.take(message.data) },
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: { [purchaseConfirmed.type]: decideConfirmation },
      save: (tx, changed) => this.subscriptions.save(tx, changed),
    });
  }

  @Consumes(provisioningEvents)
  onProvisioningEvents() {
    return stages(provisioningEvents, {
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: everyMessage(provisioningEvents, decideProvisioning),
      save: (tx, changed) => this.subscriptions.save(tx, changed),
    });
  }
}
