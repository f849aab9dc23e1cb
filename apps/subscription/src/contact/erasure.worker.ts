import { done, Performs, StoredMessages, type JobOf, type JobOutcome } from '@landfall/messaging';
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

  /** May run again: what is erased is not found any more. What a product, an operator or Microsoft gave as a reason is searched for addresses. */
  @Performs(eraseStored)
  async erase({ payload: { erasureId, subscriptionIds } }: JobOf<typeof eraseStored>): Promise<JobOutcome> {
    await this.stored.eraseTexts('operations', ['reason'], 'subscription_id', subscriptionIds);
    await this.stored.eraseTexts('subscriptions', ['failure_reason', 'rejection_reason'], 'id', subscriptionIds);
    await this.stored.eraseTexts('change_requests', ['reason', 'failure'], 'subscription_id', subscriptionIds);
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
