import {
  activationFailed,
  cancellationFailed,
  changeFailed,
  fulfillmentEvents,
  gatewayEvents,
  operationAnnounced,
  operationSettled,
  operationVerified,
  provisioningEvents,
  purchaseConfirmed,
  purchaseResolved,
  purchaseUnresolved,
  subscriptionObserved,
  subscriptionSnapshots,
  tenantProvisioned,
  tenantProvisioningFailed,
  tenantTakenBack,
} from '@landfall/contracts';
import { CatalogInForce } from '@landfall/catalog';
import { Consumes, Rebuilds, stages, stagesForSome, type RebuildSource } from '@landfall/messaging';
import { Controller, Inject } from '@nestjs/common';
import { decideObservation } from './observation/observation.domain';
import { decideOperation, recordAnnouncement } from './operation/operation.domain';
import { decideSettlement } from './operation/settlement.domain';
import { recordFailedCancellation } from './purchase/approval.domain';
import { ContactVault } from './purchase/contact.vault';
import { confirmPurchase, ignoreUnresolvedPurchase, registerPurchase } from './purchase/purchase.domain';
import { acceptTenant, ignoreTakenBackTenant, recordFailedActivation, recordFailedProvisioning } from './purchase/set-up.domain';
import { recordFailedChange } from './request/request.domain';
import { showsEnd } from './subscription/read.domain';
import { COPY_LAG } from './subscription/copy-lag';
import { rebuildSnapshots } from './subscription/snapshot.rebuild';
import { SubscriptionRepository } from './subscription/subscription.repository';

/** What the record consumes: what Microsoft showed, what customers confirmed, what became of their tenants. */
@Controller()
export class SubscriptionConsumer {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly contacts: ContactVault,
    @Inject(COPY_LAG) private readonly copyLagMs: number,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  @Rebuilds(subscriptionSnapshots)
  snapshots(): RebuildSource {
    return rebuildSnapshots;
  }

  @Consumes(fulfillmentEvents)
  onFulfillmentEvents() {
    return stages(fulfillmentEvents, {
      bypassesBlock: showsEnd,
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: {
        [purchaseResolved.type]: registerPurchase(this.copyLagMs),
        [purchaseUnresolved.type]: ignoreUnresolvedPurchase,
        [operationAnnounced.type]: recordAnnouncement,
        [operationVerified.type]: decideOperation(this.copyLagMs, () => this.catalog.current),
        [operationSettled.type]: decideSettlement(this.copyLagMs),
        [subscriptionObserved.type]: decideObservation(this.copyLagMs),
        [activationFailed.type]: recordFailedActivation,
        [cancellationFailed.type]: recordFailedCancellation,
        [changeFailed.type]: recordFailedChange,
      },
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }

  @Consumes(gatewayEvents)
  onGatewayEvents() {
    return stagesForSome(gatewayEvents, {
      enrich: { [purchaseConfirmed.type]: ({ data }) => this.contacts.take(data) },
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: { [purchaseConfirmed.type]: confirmPurchase(() => this.catalog.current) },
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
