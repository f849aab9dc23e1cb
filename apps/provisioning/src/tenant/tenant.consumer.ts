import {
  provisioningReplies,
  provisioningRequested,
  subscriptionContactErased,
  subscriptionDecisions,
  subscriptionEvents,
  subscriptionReinstated,
  subscriptionSuspended,
  subscriptionUnsubscribed,
  tenantFailed,
  tenantReady,
  tenantReleased,
} from '@landfall/contracts';
import { Consumes, orderErasure, stages, stagesForSome, type Outcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { ProvisioningTerms } from '../provisioning.terms';
import { endTenant, lockTenant, unlockTenant } from './access.domain';
import { acceptRelease, acceptTenant, recordFailure } from './reply.domain';
import { requestTenant } from './request.domain';
import { noted } from './ignored.replies';
import type { TenantChange, Terms } from './tenant';
import { TenantRepository } from './tenant.repository';

/**
 * What this service consumes. The topics share one row per subscription and may be read in any order: the row's version shows what is old.
 */
@Controller()
export class TenantConsumer {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly terms: ProvisioningTerms,
  ) {}

  @Consumes(subscriptionDecisions)
  onSubscriptionDecisions() {
    const decide = { [provisioningRequested.type]: this.withTerms(requestTenant), [subscriptionContactErased.type]: orderErasure };
    return stagesForSome(subscriptionDecisions, {
      load: (tx, ids) => this.tenants.lock(tx, ids),
      decide,
      save: (tx, changes) => this.tenants.save(tx, changes),
    });
  }

  @Consumes(provisioningReplies)
  onProvisioningReplies() {
    const decide = {
      [tenantReady.type]: noted(this.withTerms(acceptTenant)),
      [tenantFailed.type]: noted(this.withTerms(recordFailure)),
      [tenantReleased.type]: noted(this.withTerms(acceptRelease)),
    };
    return stages(provisioningReplies, {
      bypassesBlock: () => true, // an answer stands by itself: one that can't be read must not keep the correct one after it waiting
      load: (tx, ids) => this.tenants.lock(tx, ids),
      decide,
      save: (tx, changes) => this.tenants.save(tx, changes),
    });
  }

  @Consumes(subscriptionEvents)
  onSubscriptionEvents() {
    const decide = {
      [subscriptionSuspended.type]: this.withTerms(lockTenant),
      [subscriptionReinstated.type]: this.withTerms(unlockTenant),
      [subscriptionUnsubscribed.type]: this.withTerms(endTenant),
    };
    return stagesForSome(subscriptionEvents, {
      load: (tx, ids) => this.tenants.lock(tx, ids),
      decide,
      save: (tx, changes) => this.tenants.save(tx, changes),
    });
  }

  /** A decision is pure: the time and the settings come with each message. */
  private withTerms<M>(decide: Decision<M, [terms: Terms]>): Decision<M> {
    return (change, message) => decide(change, message, this.terms.current());
  }
}

type Decision<M, More extends unknown[] = []> = (change: TenantChange | undefined, message: M, ...more: More) => Outcome<TenantChange>;
