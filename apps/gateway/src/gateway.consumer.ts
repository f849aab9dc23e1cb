import { fulfillmentEvents, purchaseRegistered, purchaseUnresolved, subscriptionDecisions, subscriptionEvents } from '@landfall/contracts';
import { Consumes, everyMessage, stages, stagesForSome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { linkPurchase, project } from './projection/projection.domain';
import { ProjectionRepository } from './projection/projection.repository';
import { PurchaseRepository } from './purchase/purchase.repository';
import { markUnresolved } from './purchase/unresolved.domain';

/** What the other services publish about purchases, for the page alone: no message that is consumed here makes the gateway publish one. */
@Controller()
export class GatewayConsumer {
  constructor(
    private readonly purchases: PurchaseRepository,
    private readonly projections: ProjectionRepository,
  ) {}

  @Consumes(subscriptionDecisions)
  onDecisions() {
    return stagesForSome(subscriptionDecisions, {
      load: (tx, subscriptionIds) => this.projections.lock(tx, subscriptionIds),
      decide: { [purchaseRegistered.type]: linkPurchase },
      save: (tx, changes) => this.projections.save(tx, changes),
    });
  }

  @Consumes(subscriptionEvents)
  onSubscriptionEvents() {
    return stages(subscriptionEvents, {
      load: (tx, subscriptionIds) => this.projections.lock(tx, subscriptionIds),
      decide: everyMessage(subscriptionEvents, project),
      save: (tx, changes) => this.projections.save(tx, changes),
    });
  }

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents() {
    return stagesForSome(fulfillmentEvents, {
      load: (tx, purchaseIds) => this.purchases.lock(tx, purchaseIds),
      decide: { [purchaseUnresolved.type]: markUnresolved },
      save: (tx, purchases) => this.purchases.save(tx, purchases),
    });
  }
}
