import { fulfillmentEvents, purchaseRegistered, purchaseUnresolved, subscriptionDecisions, subscriptionEvents } from '@landfall/contracts';
import { Consumes, type BatchOf } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { follow, giveUp, register } from './purchase.domain';
import { PurchaseRepository } from './purchase.repository';

/** What the other rooms say about purchases, for the page alone: nothing that is read here makes the gateway say anything. */
@Controller()
export class PurchaseConsumer {
  constructor(private readonly purchases: PurchaseRepository) {}

  @Consumes(subscriptionDecisions)
  onDecisions(batch: BatchOf<typeof subscriptionDecisions>) {
    return batch.process(
      {
        load: (tx, subscriptionIds) => this.purchases.lockSeen(tx, subscriptionIds),
        decide: register,
        save: (tx, seen) => this.purchases.saveSeen(tx, seen),
      },
      { only: [purchaseRegistered] },
    );
  }

  @Consumes(subscriptionEvents)
  onSubscriptionEvents(batch: BatchOf<typeof subscriptionEvents>) {
    return batch.process({
      load: (tx, subscriptionIds) => this.purchases.lockSeen(tx, subscriptionIds),
      decide: follow,
      save: (tx, seen) => this.purchases.saveSeen(tx, seen),
    });
  }

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents(batch: BatchOf<typeof fulfillmentEvents>) {
    return batch.process(
      {
        load: (tx, purchaseIds) => this.purchases.lock(tx, purchaseIds),
        decide: giveUp,
        save: (tx, purchases) => this.purchases.saveUnresolved(tx, purchases),
      },
      { only: [purchaseUnresolved] },
    );
  }
}
