import { gatewayContactErased } from '@landfall/contracts';
import { done, eraseContact, Performs, StoredMessages, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';

@Controller()
export class ErasureWorker {
  constructor(
    private readonly stored: StoredMessages,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * May run again. The person is signed out; of the webhooks about their subscriptions the bodies go, which nobody can read any more then, and what they were
   * about stays; reasons lose the addresses in them; what was sent to other services about them loses what was encrypted.
   */
  @Performs(eraseContact)
  async erase({ payload }: JobOf<typeof eraseContact>): Promise<JobOutcome> {
    const { erasureId, tenantId, objectId, subscriptionIds } = payload;
    await this.dataSource.query('delete from gateway.sessions where tenant_id = $1 and object_id = $2', [tenantId, objectId]);
    await this.dataSource.query(
      'update gateway.webhook_deliveries set encrypted_body = null where subscription_id = any($1::uuid[]) and encrypted_body is not null',
      [subscriptionIds],
    );
    await this.stored.eraseTexts('subscription_projections', ['rejection_reason'], 'subscription_id', subscriptionIds);
    await this.stored.eraseTexts('operation_decisions', ['reason'], 'subscription_id', subscriptionIds);
    await this.stored.erase(subscriptionIds);
    return done(gatewayContactErased({ erasureId, tenantId, objectId }));
  }
}
