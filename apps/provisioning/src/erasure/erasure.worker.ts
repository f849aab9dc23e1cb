import { provisioningContactErased } from '@landfall/contracts';
import { done, eraseContact, Performs, StoredMessages, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';

@Controller()
export class ErasureWorker {
  constructor(private readonly stored: StoredMessages) {}

  /** May run again. Nothing personal is meant to be here; what a product wrote as a reason is searched for addresses. */
  @Performs(eraseContact)
  async erase({ payload }: JobOf<typeof eraseContact>): Promise<JobOutcome> {
    const { erasureId, tenantId, objectId, subscriptionIds } = payload;
    await this.stored.eraseTexts('steps', ['reason'], 'subscription_id', subscriptionIds);
    await this.stored.eraseTexts('tenants', ['last_failure'], 'subscription_id', subscriptionIds);
    await this.stored.erase(subscriptionIds);
    return done(provisioningContactErased({ erasureId, tenantId, objectId }));
  }
}
