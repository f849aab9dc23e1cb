import type { Catalogue } from '../offers/catalogue';
import { isVisibleTo, isWithin, planOf, seatsText, type Plan } from '../offers/offer';
import type { People } from '../people/people';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import { seatLimitsOf } from '../subscription/seat.limits';
import type { Subscription } from '../subscription/subscription';
import { allowedCustomerOperations } from '../subscription/subscription.dto';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import type { WebhookQueue } from '../webhook/webhook.queue';
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
    private readonly people: People,
    private readonly catalogue: Catalogue,
    private readonly webhooks: Pick<WebhookQueue, 'isFull'>,
    private readonly settings: SettingsRepository,
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
    private readonly opener: OperationOpener,
  ) {}

  changePlan(subscription: Subscription, planId: string, request: Request): Operation | Refusal {
    return this.change(subscription, { action: 'ChangePlan', planId }, request);
  }

  changeQuantity(subscription: Subscription, quantity: number, request: Request): Operation | Refusal {
    return this.change(subscription, { action: 'ChangeQuantity', quantity }, request);
  }

  /**
   * An operation of the publisher's starts after a moment in which it reads NotStarted; one of the customer's is on its way at once
   * (contract 3.8).
   */
  private change(subscription: Subscription, target: Target, request: Request): Operation | Refusal {
    const refusal = this.refuse(subscription, target, request.source);
    if (refusal) return refusal;
    const { scheduler, clock, settings } = this;
    return this.atomically(() => {
      const status = request.source === 'Partner' ? 'NotStarted' : 'InProgress';
      const operation = this.opener.open(subscription, { ...target, id: request.operationId, requestSource: request.source, status });
      if (status === 'NotStarted')
        scheduler.schedule(
          'begin-operation',
          operation.id,
          clock.now() + settings.current.operationStartDelayMs + (operation.slow?.startMs ?? 0),
        );
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
    if (this.webhooks.isFull()) return { refused: 'busy', message: 'Too many webhooks wait for their delivery.' };
    return target.action === 'ChangePlan'
      ? this.refusePlan(subscription, target.planId)
      : this.refuseQuantity(subscription, target.quantity);
  }

  private refusePlan(subscription: Subscription, planId: string): Refusal | undefined {
    const offer = this.catalogue.offerOf(subscription);
    if (planId === subscription.planId) return { refused: 'unchanged', message: `The subscription has plan ${planId} already.` };
    const plan = planOf(offer, planId);
    if (plan && this.isAvailable(plan, subscription)) return this.refuseSeatsOn({ ...subscription, planId });
    const choices = offer.plans.filter((other) => other.planId !== subscription.planId && this.isAvailable(other, subscription));
    return {
      refused: 'not-available',
      message: `Plan ${planId} is not available to this subscription; available are ${choices.map((choice) => choice.planId).join(', ')}.`,
    };
  }

  /**
   * A change of plan leaves the seats as they are, so the new plan has to allow them. The contract names only the limits of the current
   * plan, for a change of quantity (contract 3.8); that another plan's are kept too is concluded, and answered as any other quantity
   * outside the limits.
   */
  private refuseSeatsOn(changed: Subscription): Refusal | undefined {
    const [seats, { quantity, planId }] = [seatLimitsOf(changed, this.catalogue), changed];
    if (!seats || quantity === null || isWithin(seats, quantity)) return undefined;
    return { refused: 'out-of-limits', message: `Plan ${planId} allows ${seatsText(seats)} seats, and the subscription has ${quantity}.` };
  }

  /**
   * On sale, and not kept for other tenants (contract 3.8); a reseller does not sell private plans (contract 1.2). That it is sold for the
   * subscription's term is concluded, not documented: the term does not change with the plan, and there would be no price.
   */
  private isAvailable(plan: Plan, { channel, beneficiaryId, termUnit }: Subscription): boolean {
    const tenantId = this.people.get(beneficiaryId)?.tenantId ?? '';
    const isSoldForTerm = plan.billingTerms.some((term) => term.termUnit === termUnit);
    return isSoldForTerm && !plan.isStopSell && isVisibleTo(plan, tenantId) && !(plan.isPrivate && channel === 'csp');
  }

  private refuseQuantity(subscription: Subscription, quantity: number): Refusal | undefined {
    const seats = seatLimitsOf(subscription, this.catalogue);
    if (!seats) return { refused: 'not-available', message: `Plan ${subscription.planId} has a flat rate and no seats.` };
    if (quantity === subscription.quantity) return { refused: 'unchanged', message: `The subscription has ${quantity} seats already.` };
    if (isWithin(seats, quantity)) return undefined;
    return { refused: 'out-of-limits', message: `Plan ${subscription.planId} allows ${seatsText(seats)} seats, not ${quantity}.` };
  }
}
