import { done, Performs, StoredMessages, withoutPersonalDataSql, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ErasingService } from './contact.view';
import { eraseStored, noteErasure } from './erasure.job';

@Controller()
export class ErasureWorker {
  constructor(
    private readonly stored: StoredMessages,
    private readonly dataSource: DataSource,
  ) {}

  /** May run again: what is erased is not found any more. What a product or Microsoft gave as a reason is searched for addresses. */
  @Performs(eraseStored)
  async erase({ payload: { erasureId, subscriptionIds } }: JobOf<typeof eraseStored>): Promise<JobOutcome> {
    const [reason, failure] = ['reason', 'failure_reason'].map(withoutPersonalDataSql);
    await this.dataSource.query(
      `update subscription.operations set reason = ${reason} where subscription_id = any($1::uuid[]) and reason is distinct from ${reason}`,
      [subscriptionIds],
    );
    await this.dataSource.query(
      `update subscription.subscriptions set failure_reason = ${failure} where id = any($1::uuid[]) and failure_reason is distinct from ${failure}`,
      [subscriptionIds],
    );
    await this.stored.erase(subscriptionIds);
    await this.markErased(erasureId, 'subscription');
    return done();
  }

  @Performs(noteErasure)
  async recordErasure({ payload: { erasureId, service } }: JobOf<typeof noteErasure>): Promise<JobOutcome> {
    await this.markErased(erasureId, service);
    return done();
  }

  /** The first time counts. */
  private async markErased(erasureId: string, service: ErasingService): Promise<void> {
    await this.dataSource.query(`update subscription.erasures set erased = jsonb_build_object($2::text, now()) || erased where id = $1`, [
      erasureId,
      service,
    ]);
  }
}
