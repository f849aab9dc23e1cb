import { fulfillmentEvents, purchaseRegistered, purchaseUnresolved, subscriptionDecisions, subscriptionEvents } from '@landfall/contracts';
import { Consumes, everyMessage, stages, stagesForSome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { follow, giveUp, register } from './purchase.domain';
import { PurchaseRepository } from './purchase.repository';

/** What the other services say about purchases, for the page alone: nothing that is read here makes the gateway publish anything. */
@Controller()
export class PurchaseConsumer {
  constructor(private readonly purchases: PurchaseRepository) {}

  @Consumes(subscriptionDecisions)
  onDecisions() {
    return stagesForSome(subscriptionDecisions, {
      load: (tx, subscriptionIds) => this.purchases.lockSeen(tx, subscriptionIds),
      decide: { [purchaseRegistered.type]: register },
      save: (tx, seen) => this.purchases.saveSeen(tx, seen),
    });
  }

  @Consumes(subscriptionEvents)
  onSubscriptionEvents() {
    return stages(subscriptionEvents, {
      load: (tx, subscriptionIds) => this.purchases.lockSeen(tx, subscriptionIds),
      decide: everyMessage(subscriptionEvents, follow),
      save: (tx, seen) => this.purchases.saveSeen(tx, seen),
    });
  }

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents() {
    return stagesForSome(fulfillmentEvents, {
      load: (tx, purchaseIds) => this.purchases.lock(tx, purchaseIds),
      decide: { [purchaseUnresolved.type]: giveUp },
      save: (tx, purchases) => this.purchases.saveUnresolved(tx, purchases),
    });
  }
}
