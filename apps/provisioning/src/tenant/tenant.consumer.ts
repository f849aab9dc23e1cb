import {
  provisioningReplies,
  provisioningRequested,
  subscriptionDecisions,
  subscriptionEvents,
  subscriptionReinstated,
  subscriptionSuspended,
  subscriptionUnsubscribed,
} from '@landfall/contracts';
import { Consumes, type BatchOf } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { ProvisioningTerms } from '../provisioning.terms';
import { decideOnEvent, decideOnReply, decideOnRequest } from './tenant.domain';
import { TenantRepository } from './tenant.repository';

/** The doors of this room. They share one row per subscription and may be read in any order: the row's version tells what is old. */
@Controller()
export class TenantConsumer {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly terms: ProvisioningTerms,
  ) {}

  @Consumes(subscriptionDecisions)
  onSubscriptionDecisions(batch: BatchOf<typeof subscriptionDecisions>) {
    const terms = this.terms.current();
    return batch.process(
      {
        load: (tx, ids) => this.tenants.lock(tx, ids),
        decide: (tenant, message) => decideOnRequest(tenant, message, terms),
        save: (tx, changed) => this.tenants.save(tx, changed),
      },
      { only: [provisioningRequested] },
    );
  }

  @Consumes(provisioningReplies)
  onProvisioningReplies(batch: BatchOf<typeof provisioningReplies>) {
    const terms = this.terms.current();
    return batch.process({
      load: (tx, ids) => this.tenants.lock(tx, ids),
      decide: (tenant, reply) => decideOnReply(tenant, reply, terms),
      save: (tx, changed) => this.tenants.save(tx, changed),
    });
  }

  @Consumes(subscriptionEvents)
  onSubscriptionEvents(batch: BatchOf<typeof subscriptionEvents>) {
    const terms = this.terms.current();
    return batch.process(
      {
        load: (tx, ids) => this.tenants.lock(tx, ids),
        decide: (tenant, event) => decideOnEvent(tenant, event, terms),
        save: (tx, changed) => this.tenants.save(tx, changed),
      },
      { only: [subscriptionSuspended, subscriptionReinstated, subscriptionUnsubscribed] },
    );
  }
}
