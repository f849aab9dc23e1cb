import { fulfillmentContactErased } from '@landfall/contracts';
import { done, eraseContact, Performs, StoredMessages, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';

@Controller()
export class ErasureWorker {
  constructor(private readonly stored: StoredMessages) {}

  /** May run again. The ledger of calls has no bodies: an address can only be in what Microsoft said about an error. */
  @Performs(eraseContact)
  async erase({ payload }: JobOf<typeof eraseContact>): Promise<JobOutcome> {
    const { erasureId, tenantId, objectId, subscriptionIds } = payload;
    await this.stored.eraseTexts('calls', ['error'], 'subscription_id', subscriptionIds);
    await this.stored.erase(subscriptionIds);
    return done(fulfillmentContactErased({ erasureId, tenantId, objectId }));
  }
}
