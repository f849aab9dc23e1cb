import { OperatorActs, type ActStages, type OperatorAct, type RecordedAct } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import { traced } from '../history/trace';
import type { SubscriptionChange } from '../subscription/subscription';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { approvePurchase, rejectPurchase, type Decided } from './approval.domain';

/** What operators decide about purchases that wait for an approval. Each is recorded as an act, in the transaction that does it. */
@Injectable()
export class PurchaseApproval {
  constructor(
    private readonly acts: OperatorActs,
    private readonly subscriptions: SubscriptionRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws SubjectMissing, Refused */
  approve(id: string, by: OperatorAct): Promise<RecordedAct> {
    return this.acts.perform('purchase.approve', `subscriptions/${id}`, by, {
      ...this.stagesOf(id),
      decide: (current) => traced(by, approvePurchase(current, this.decidedBy(by))),
    });
  }

  /** The reason of the act is what the customer is told. @throws SubjectMissing, Refused */
  reject(id: string, by: OperatorAct): Promise<RecordedAct> {
    return this.acts.perform('purchase.reject', `subscriptions/${id}`, by, {
      ...this.stagesOf(id),
      decide: (current) => traced(by, rejectPurchase(current, this.decidedBy(by), by.reason)),
    });
  }

  private stagesOf(id: string): Omit<ActStages<SubscriptionChange>, 'decide'> {
    return {
      key: id,
      load: (tx) => this.subscriptions.lock(tx, [id]),
      save: (tx, changes) => this.subscriptions.save(tx, changes),
      seen: ({ subscription: { status, stage, version } }) => ({ status, stage, version }),
    };
  }

  private decidedBy({ actor }: OperatorAct): Decided {
    return { actor, decidedAt: this.clock.now().toISOString() };
  }
}
