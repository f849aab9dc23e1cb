import type { Marketplace } from '../marketplace';
import { planOf } from '../offers/offer';
import type { Subscription } from '../subscription/subscription';
import { allowedCustomerOperations } from '../subscription/subscription.wire';
import type { Operation, Refusal, RequestSource } from './operation';
import type { OperationOpener } from './operation.opener';

/** Who asks, and the id that the operation is to have where the caller chose one. */
interface Request {
  source: RequestSource;
  operationId?: string;
}

type Target = { action: 'ChangePlan'; planId: string } | { action: 'ChangeQuantity'; quantity: number };

/** Changes of plan and seats, from either side. They wait for the publisher: nothing changes before the operation has succeeded. */
export class ChangeRequests {
  constructor(
    private readonly marketplace: Marketplace,
    private readonly opener: OperationOpener,
  ) {}

  changePlan(subscription: Subscription, planId: string, request: Request): Operation | Refusal {
    return this.change(subscription, { action: 'ChangePlan', planId }, request);
  }

  changeQuantity(subscription: Subscription, quantity: number, request: Request): Operation | Refusal {
    return this.change(subscription, { action: 'ChangeQuantity', quantity }, request);
  }

  /** An operation of the publisher's starts after a moment in which it reads NotStarted; one of the customer's is on its way at once (contract 3.8). */
  private change(subscription: Subscription, target: Target, request: Request): Operation | Refusal {
    const refusal = this.refuse(subscription, target, request.source);
    if (refusal) return refusal;
    const { scheduler, clock, settings } = this.marketplace;
    return this.marketplace.atomically(() => {
      const status = request.source === 'Partner' ? 'NotStarted' : 'InProgress';
      const operation = this.opener.open(subscription, { ...target, id: request.operationId, requestSource: request.source, status });
      if (status === 'NotStarted')
        scheduler.schedule('begin-operation', operation.id, clock.now() + settings.current.operationStartDelayMs);
      return operation;
    });
  }

  private refuse(subscription: Subscription, target: Target, source: RequestSource): Refusal | undefined {
    if (subscription.status !== 'Subscribed') {
      return { refused: 'wrong-status', message: `The subscription is ${subscription.status}; only a Subscribed one can be changed.` };
    }
    if (source === 'Partner' && !allowedCustomerOperations(subscription).includes('Update')) {
      return { refused: 'not-allowed', message: 'Update is not among the allowed customer operations of the subscription.' };
    }
    if (subscription.pendingOperationId) return { refused: 'locked', message: 'The subscription is locked by a pending operation.' };
    if (this.marketplace.webhooks.isFull()) return { refused: 'busy', message: 'Too many webhooks wait for their delivery.' };
    return target.action === 'ChangePlan'
      ? this.refusePlan(subscription, target.planId)
      : this.refuseQuantity(subscription, target.quantity);
  }

  private refusePlan(subscription: Subscription, planId: string): Refusal | undefined {
    const offer = this.marketplace.catalogue.offerOf(subscription);
    const plan = planOf(offer, planId);
    if (planId === subscription.planId) return { refused: 'unchanged', message: `The subscription has plan ${planId} already.` };
    if (plan && !plan.isStopSell) return undefined;
    const choices = offer.plans.filter((other) => !other.isStopSell && other.planId !== subscription.planId).map((other) => other.planId);
    return {
      refused: 'not-available',
      message: `Plan ${planId} is not available to this subscription; available are ${choices.join(', ')}.`,
    };
  }

  private refuseQuantity(subscription: Subscription, quantity: number): Refusal | undefined {
    const { seats, planId } = this.marketplace.catalogue.planOf(subscription);
    if (!seats) return { refused: 'not-available', message: `Plan ${planId} has a flat rate and no seats.` };
    if (quantity === subscription.quantity) return { refused: 'unchanged', message: `The subscription has ${quantity} seats already.` };
    if (quantity >= seats.min && quantity <= seats.max) return undefined;
    return { refused: 'out-of-limits', message: `Plan ${planId} allows ${seats.min} to ${seats.max} seats, not ${quantity}.` };
  }
}
