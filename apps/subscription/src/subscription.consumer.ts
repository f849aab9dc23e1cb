import {
  activationFailed,
  cancellationFailed,
  changeFailed,
  differenceEnded,
  differenceFound,
  fulfillmentContactErased,
  fulfillmentEvents,
  gatewayContactErased,
  gatewayEvents,
  operationAnnounced,
  operationSettled,
  operationVerified,
  provisioningContactErased,
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
import { ContactVault } from './contact/contact.vault';
import { withContacts } from './contact/named.contacts';
import { noteErasedIn } from './contact/erasure.domain';
import { recordDifference, recordDifferenceEnd } from './drift/difference.domain';
import { findingDrifts } from './drift/drift.domain';
import { inHistory } from './history/trace';
import { decideObservation } from './observation/observation.domain';
import { decideOperation, recordAnnouncement } from './operation/operation.domain';
import { noticing } from './operation/remark.domain';
import { decideSettlement } from './operation/settlement.domain';
import { recordFailedCancellation } from './purchase/approval.domain';
import { confirmPurchase, ignoreUnresolvedPurchase, registerPurchase } from './purchase/purchase.domain';
import { acceptTenant, ignoreTakenBackTenant, recordFailedActivation, recordFailedProvisioning } from './purchase/set-up.domain';
import { recordFailedChange } from './request/request.domain';
import { showsEnd } from './subscription/read.domain';
import { rebuildSnapshots } from './subscription/snapshot.rebuild';
import { COPY_LAG, SubscriptionRepository } from './subscription/subscription.repository';

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
    const catalog = () => this.catalog.current;
    return stages(fulfillmentEvents, {
      bypassesBlock: showsEnd,
      enrich: {
        [purchaseResolved.type]: ({ data }) => this.contacts.takeNamed(data),
        [subscriptionObserved.type]: ({ data }) => this.contacts.takeNamed(data),
      },
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: inHistory(
        findingDrifts({
          [purchaseResolved.type]: withContacts(registerPurchase(this.copyLagMs)),
          [purchaseUnresolved.type]: ignoreUnresolvedPurchase,
          [operationAnnounced.type]: noticing(catalog, recordAnnouncement),
          [operationVerified.type]: noticing(catalog, decideOperation(this.copyLagMs, catalog)),
          [operationSettled.type]: noticing(catalog, decideSettlement(this.copyLagMs)),
          [subscriptionObserved.type]: withContacts(noticing(catalog, decideObservation(this.copyLagMs))),
          [differenceFound.type]: recordDifference,
          [differenceEnded.type]: recordDifferenceEnd,
          [activationFailed.type]: recordFailedActivation,
          [cancellationFailed.type]: recordFailedCancellation,
          [changeFailed.type]: recordFailedChange,
          [fulfillmentContactErased.type]: noteErasedIn('fulfillment'),
        }),
      ),
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }

  @Consumes(gatewayEvents)
  onGatewayEvents() {
    return stagesForSome(gatewayEvents, {
      enrich: { [purchaseConfirmed.type]: ({ data }) => this.contacts.take(data) },
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: inHistory({
        [purchaseConfirmed.type]: confirmPurchase(() => this.catalog.current),
        [gatewayContactErased.type]: noteErasedIn('gateway'),
      }),
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }

  @Consumes(provisioningEvents)
  onProvisioningEvents() {
    return stages(provisioningEvents, {
      load: (tx, ids) => this.subscriptions.lock(tx, ids),
      decide: inHistory({
        [tenantProvisioned.type]: acceptTenant,
        [tenantProvisioningFailed.type]: recordFailedProvisioning,
        [tenantTakenBack.type]: ignoreTakenBackTenant,
        [provisioningContactErased.type]: noteErasedIn('provisioning'),
      }),
      save: (tx, changes) => this.subscriptions.save(tx, changes),
    });
  }
}
