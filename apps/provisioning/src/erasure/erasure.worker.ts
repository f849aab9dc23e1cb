import { provisioningContactErased } from '@landfall/contracts';
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

  /** May run again. Nothing personal is meant to be here; what a product wrote as a reason is searched for addresses. */
  @Performs(eraseContact)
  async erase({ payload }: JobOf<typeof eraseContact>): Promise<JobOutcome> {
    const { erasureId, tenantId, objectId, subscriptionIds } = payload;
    const [reason, failure] = ['reason', 'last_failure'].map(withoutPersonalDataSql);
    await this.dataSource.query(
      `update provisioning.steps set reason = ${reason} where subscription_id = any($1::uuid[]) and reason is distinct from ${reason}`,
      [subscriptionIds],
    );
    await this.dataSource.query(
      `update provisioning.tenants set last_failure = ${failure} where subscription_id = any($1::uuid[]) and last_failure is distinct from ${failure}`,
      [subscriptionIds],
    );
    await this.stored.erase(subscriptionIds);
    return done(provisioningContactErased({ erasureId, tenantId, objectId }));
  }
}
