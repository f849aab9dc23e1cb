import {
  provisioningReplies,
  provisioningRequested,
  subscriptionDecisions,
  subscriptionEvents,
  subscriptionReinstated,
  subscriptionSuspended,
  subscriptionUnsubscribed,
} from '@landfall/contracts';
import { Consumes, everyMessage, stages, stagesForSome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { ProvisioningTerms } from '../provisioning.terms';
import { decideOnEvent, decideOnReply, decideOnRequest, type AccessEvent } from './tenant.domain';
import { TenantRepository } from './tenant.repository';
import type { Tenant } from './tenant.state';

/** The doors of this room. They share one row per subscription and may be read in any order: the row's version tells what is old. */
@Controller()
export class TenantConsumer {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly terms: ProvisioningTerms,
  ) {}

  @Consumes(subscriptionDecisions)
  onSubscriptionDecisions() {
    return stagesForSome(subscriptionDecisions, {
      load: (tx, ids) => this.tenants.lock(tx, ids),
      decide: { [provisioningRequested.type]: (tenant, message) => decideOnRequest(tenant, message, this.terms.current()) },
      save: (tx, changed) => this.tenants.save(tx, changed),
    });
  }

  @Consumes(provisioningReplies)
  onProvisioningReplies() {
    return stages(provisioningReplies, {
      load: (tx, ids) => this.tenants.lock(tx, ids),
      decide: everyMessage(provisioningReplies, (tenant: Tenant | undefined, reply) => decideOnReply(tenant, reply, this.terms.current())),
      save: (tx, changed) => this.tenants.save(tx, changed),
    });
  }

  @Consumes(subscriptionEvents)
  onSubscriptionEvents() {
    const onEvent = (tenant: Tenant | undefined, event: AccessEvent) => decideOnEvent(tenant, event, this.terms.current());
    return stagesForSome(subscriptionEvents, {
      load: (tx, ids) => this.tenants.lock(tx, ids),
      decide: {
        [subscriptionSuspended.type]: onEvent,
        [subscriptionReinstated.type]: onEvent,
        [subscriptionUnsubscribed.type]: onEvent,
      },
      save: (tx, changed) => this.tenants.save(tx, changed),
    });
  }
}
