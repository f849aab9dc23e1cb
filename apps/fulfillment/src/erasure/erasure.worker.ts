import { fulfillmentContactErased } from '@landfall/contracts';
import { done, Performs, StoredMessages, withoutPersonalDataSql, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { eraseContact } from './erasure.job';

@Controller()
export class ErasureWorker {
  constructor(
    private readonly stored: StoredMessages,
    private readonly dataSource: DataSource,
  ) {}

  /** May run again. The ledger of calls has no bodies: an address can only be in what Microsoft said about an error. */
  @Performs(eraseContact)
  async erase({ payload }: JobOf<typeof eraseContact>): Promise<JobOutcome> {
    const { erasureId, tenantId, objectId, subscriptionIds } = payload;
    const error = withoutPersonalDataSql('error');
    await this.dataSource.query(
      `update fulfillment.calls set error = ${error} where subscription_id = any($1::uuid[]) and error is distinct from ${error}`,
      [subscriptionIds],
    );
    await this.stored.erase(subscriptionIds);
    return done(fulfillmentContactErased({ erasureId, tenantId, objectId }));
  }
}
