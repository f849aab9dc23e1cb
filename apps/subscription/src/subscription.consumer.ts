import {
  activationFailed,
  fulfillmentEvents,
  gatewayEvents,
  operationSettled,
  operationVerified,
  provisioningEvents,
  purchaseConfirmed,
  purchaseResolved,
  purchaseUnresolved,
  subscriptionObserved,
  tenantProvisioned,
  tenantProvisioningFailed,
  tenantTakenBack,
} from '@landfall/contracts';
import { Consumes, stages, stagesForSome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { decideObservation } from './observation/observation.domain';
import { decideOperation } from './operation/operation.domain';
import { decideSettlement } from './operation/settlement.domain';
import { ContactVault } from './purchase/contact.vault';
import { confirmPurchase, ignoreUnresolvedPurchase, registerPurchase } from './purchase/purchase.domain';
import { acceptTenant, ignoreTakenBackTenant, recordFailedActivation, recordFailedProvisioning } from './purchase/set-up.domain';
import { showsEnd } from './subscription/read.domain';
import { SubscriptionRepository } from './subscription/subscription.repository';

/** What the record consumes: what Microsoft showed, what customers confirmed, what became of their tenants. */
@Controller()
export class SubscriptionConsumer {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly contacts: ContactVault,
  ) {}

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents() {
    return stages(fulfillmentEvents, {
      bypassesBlock: showsEnd,
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: {
        [purchaseResolved.type]: registerPurchase,
        [purchaseUnresolved.type]: ignoreUnresolvedPurchase,
        [operationVerified.type]: decideOperation,
        [operationSettled.type]: decideSettlement,
        [subscriptionObserved.type]: decideObservation,
        [activationFailed.type]: recordFailedActivation,
      },
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }

  @Consumes(gatewayEvents)
  onGatewayEvents() {
    return stagesForSome(gatewayEvents, {
      enrich: { [purchaseConfirmed.type]: ({ data }) => this.contacts.take(data) },
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: { [purchaseConfirmed.type]: confirmPurchase },
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }

  @Consumes(provisioningEvents)
  onProvisioningEvents() {
    return stages(provisioningEvents, {
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: {
        [tenantProvisioned.type]: acceptTenant,
        [tenantProvisioningFailed.type]: recordFailedProvisioning,
        [tenantTakenBack.type]: ignoreTakenBackTenant,
      },
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }
}
