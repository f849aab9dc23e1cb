import type { Catalogue } from '../offers/catalogue';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import type { Subscription } from '../subscription/subscription';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import { beginTerm } from '../subscription/term';
import type { Clock } from '../time/clock';
import type { Scheduler } from '../time/scheduler';
import { isOpen, type Action, type Operation, type OperationStatus, type SettledBy } from './operation';
import type { OperationOpener } from './operation.opener';
import type { OperationRepository } from './operation.repository';

/** How operations end: by the publisher's PATCH, by its answer to the webhook, by the ten seconds, or by Microsoft's own doing. */
export class Settlement {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly operations: OperationRepository,
    private readonly catalogue: Catalogue,
    private readonly settings: SettingsRepository,
    private readonly scheduler: Scheduler,
    private readonly clock: Clock,
    private readonly atomically: Atomically,
    private readonly opener: OperationOpener,
  ) {
    scheduler.on('accept-operation', (operationId) => this.accept(operationId));
  }

  /**
   * The publisher's PATCH. `settled`: there is nothing to decide any more (409). Unknown words are taken and ignored, as was seen live
   * (contract 3.10), and so is a refusal of Reinstate, which cannot be refused (contract 4.2).
   */
  acknowledge(operation: Operation, word: string): 'recorded' | 'not-started' | 'settled' {
    if (!isOpen(operation)) return 'settled';
    if (operation.status === 'NotStarted') return 'not-started';
    this.atomically(() => {
      if (operation.acceptedBy) return; // it was taken before, and is on its way to its end
      if (word === 'Success') this.succeed(operation, 'publisher');
      else if (word === 'Failure' && operation.action !== 'Reinstate' && this.settings.current.patchFailure === 'fails')
        this.refuse(operation, 'publisher');
    });
    return 'recorded';
  }

  /**
   * The webhook of an open operation was received: from the moment when it was sent, the publisher has ten seconds to object
   * (contract 4.5).
   */
  startCountdown(operation: Operation, sentAtMs: number): void {
    const { operations, scheduler, settings } = this;
    operations.put({ ...operation, deliveredAtMs: sentAtMs });
    if (operation.acceptedBy) return;
    scheduler.schedule('accept-operation', operation.id, sentAtMs + settings.current.autoAcceptMs);
  }

  /** The publisher has said no. A compensating webhook, whose target is what the subscription has already, may follow (contract 4.5). */
  refuse(operation: Operation, by: 'publisher' | 'answer'): void {
    const { settings, subscriptions } = this;
    this.settle(operation, 'Failed', by, { errorStatusCode: '400', errorMessage: 'The publisher refused the change.' });
    const wanted = settings.current.revertWebhookAfter;
    const subscription = subscriptions.get(operation.subscriptionId);
    if (!subscription || operation.reverts || wanted === 'never' || (wanted === 'answer' && by !== 'answer')) return;
    this.opener.open(subscription, { action: operation.action, requestSource: 'Azure', status: 'InProgress', reverts: operation.id });
  }

  /**
   * Something stronger has happened: the open operations of the subscription end without effect. More than one: a change that stayed open,
   * and a Reinstate.
   */
  supersede(subscription: Subscription, by: Action): Subscription {
    const open = this.operations.ofSubscription(subscription.id).filter(isOpen);
    for (const operation of open)
      this.settle(operation, 'Failed', 'superseded', { errorStatusCode: '409', errorMessage: `Superseded by ${by}.` });
    return open.length === 0 ? subscription : (this.subscriptions.get(subscription.id) as Subscription);
  }

  /** Ends an open operation, gives it its effect if it succeeded, and unlocks the subscription. */
  settle(operation: Operation, status: OperationStatus, settledBy: SettledBy, error: Partial<Operation> = {}): Operation {
    const { operations, subscriptions, scheduler, clock } = this;
    scheduler.cancel('accept-operation', operation.id);
    scheduler.cancel('begin-operation', operation.id);
    const subscription = subscriptions.get(operation.subscriptionId);
    if (subscription) {
      const effect = status === 'Succeeded' ? this.effectOf(operation, subscription) : {};
      const pendingOperationId =
        subscription.pendingOperationId === operation.id ? this.otherOpen(operation) : subscription.pendingOperationId;
      subscriptions.put({ ...subscription, ...effect, pendingOperationId, lastModified: clock.timeStamp() });
    }
    return operations.put({ ...operation, ...error, status, settledBy, settledAt: clock.timeStamp() });
  }

  private accept(operationId: string): void {
    const operation = this.operations.get(operationId);
    if (!operation || !isOpen(operation)) return;
    if (operation.acceptedBy) this.settle(operation, 'Succeeded', operation.acceptedBy);
    else this.succeed(operation, 'ten-seconds');
  }

  /** It was accepted: a slow one reads InProgress for a while yet. */
  private succeed(operation: Operation, by: 'publisher' | 'ten-seconds'): void {
    const { operations, scheduler, clock } = this;
    if (!operation.slow?.endMs) return void this.settle(operation, 'Succeeded', by);
    operations.put({ ...operation, acceptedBy: by });
    scheduler.schedule('accept-operation', operation.id, clock.now() + operation.slow.endMs);
  }

  /** A change that stayed open through a suspension locks the subscription again once its Reinstate has ended. */
  private otherOpen({ id, subscriptionId }: Operation): string | null {
    return this.operations.ofSubscription(subscriptionId).find((other) => other.id !== id && isOpen(other))?.id ?? null;
  }

  private effectOf(operation: Operation, subscription: Subscription): Partial<Subscription> {
    switch (operation.action) {
      case 'ChangePlan':
        return { planId: operation.planId, ...this.endOfTrial(subscription, operation.planId) };
      case 'ChangeQuantity':
        return { quantity: operation.quantity };
      case 'Reinstate':
        return { status: 'Subscribed' };
      case 'Unsubscribe':
        return { status: 'Unsubscribed' };
      case 'Renew':
      case 'Suspend':
      case 'Subscribe':
        return {};
    }
  }

  /**
   * A plan without a trial ends it at once, and the paid term begins; another plan with one goes on with the days that are left
   * (contract 1.5).
   */
  private endOfTrial(subscription: Subscription, planId: string): Partial<Subscription> {
    const { catalogue, clock } = this;
    if (!subscription.isFreeTrial || catalogue.planOf({ ...subscription, planId }).hasFreeTrials) return {};
    return { isFreeTrial: false, ...beginTerm(clock.now(), { ...subscription, isFreeTrial: false }), renewedAt: clock.timeStamp() };
  }
}
