import { CatalogInForce } from '@landfall/catalog';
import { stableId, type RequestedAction } from '@landfall/contracts';
import { IdempotencyKeyReused, OperatorActs, type OperatorAct, type RecordedAct } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Inject, Injectable } from '@nestjs/common';
import { traced } from '../history/trace';
import type { SubscriptionChange } from '../subscription/subscription';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Requested, RequesterKind } from './request';
import { requestChange } from './request.domain';
import { RequestReader } from './request.reader';
import type { RequestView } from './request.view';

/** What requests are called in the record of acts. */
const actOf: Readonly<Record<RequestedAction, RecordedAct['act']>> = {
  ChangePlan: 'plan-change.request',
  ChangeQuantity: 'quantity-change.request',
  Unsubscribe: 'cancellation.request',
};

/** Changes and cancellations that are requested on our side. Each is recorded as an act, in the transaction that keeps it and asks for it. */
@Injectable()
export class ChangeRequests {
  constructor(
    private readonly acts: OperatorActs,
    private readonly subscriptions: SubscriptionRepository,
    private readonly requests: RequestReader,
    private readonly clock: Clock,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  /**
   * Keeps a request, and has Microsoft asked. Sent again under its idempotency key it is the same request, as it stands by then.
   * @throws SubjectMissing, Refused, and IdempotencyKeyReused where the key belongs to another act or another target
   */
  async request(subscriptionId: string, requested: Requested, by: OperatorAct, actorKind: RequesterKind): Promise<RequestView> {
    const requestId = stableId('change-request', by.idempotencyKey);
    await this.acts.perform<SubscriptionChange>(actOf[requested.action], `subscriptions/${subscriptionId}`, by, {
      key: subscriptionId,
      load: (tx) => this.subscriptions.lock(tx, [subscriptionId]),
      decide: (current) => {
        const requestedBy = { actor: by.actor, actorKind, reason: by.reason, requestedAt: this.clock.now().toISOString() };
        return traced(by, requestChange(current, requestId, requested, requestedBy, this.catalog.current));
      },
      save: (tx, changes) => this.subscriptions.save(tx, changes),
      seen: ({ subscription: { status, planId, quantity, version } }) => ({ status, planId, quantity, version }),
    });
    const found = await this.requests.find(subscriptionId, requestId);
    if (!found || found.planId !== requested.planId || found.quantity !== requested.quantity) throw new IdempotencyKeyReused();
    return found;
  }
}
