import type { Operation } from '../operation/operation';
import { operationInRest } from '../operation/operation.dto';
import type { Settings } from '../settings/settings';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Subscription } from '../subscription/subscription';
import { type Parties, chargeDurationOf, shownOfferId, subscriptionInRest } from '../subscription/subscription.dto';

const quantityAtFlatRate: Record<Settings['flatRateQuantityInRest'], object> = {
  absent: {},
  null: { quantity: null },
  empty: { quantity: '' },
  one: { quantity: 1 },
};

/** Subscriptions and operations as the API answers them at the moment: the settings choose among the variants of contract 3.2. */
export class ApiAnswers {
  constructor(
    private readonly parties: Parties,
    private readonly settings: SettingsRepository,
  ) {}

  subscription(subscription: Subscription) {
    const shown = subscriptionInRest(subscription, this.parties);
    const { chargeDurationInRest, statusPadding } = this.settings.current;
    const chargeDuration = chargeDurationInRest === 'present' ? { chargeDuration: chargeDurationOf(subscription, this.parties) } : {};
    return {
      ...shown,
      ...this.quantity(subscription),
      saasSubscriptionStatus: statusPadding === 'blanks' ? ` ${shown.saasSubscriptionStatus} ` : shown.saasSubscriptionStatus,
      term: { ...shown.term, ...chargeDuration },
    };
  }

  /** Contract 3.3. */
  resolved(subscription: Subscription) {
    return {
      id: subscription.id,
      subscriptionName: subscription.name,
      offerId: shownOfferId(subscription),
      planId: subscription.planId,
      ...this.quantity(subscription),
      subscription: this.subscription(subscription),
    };
  }

  operation(operation: Operation, subscription: Subscription) {
    const noError = this.settings.current.operationErrorWhenNone === 'empty' ? { errorStatusCode: '', errorMessage: '' } : {};
    return { ...noError, ...operationInRest(operation, subscription, this.parties), ...this.quantity(operation) };
  }

  private quantity({ quantity }: { quantity: number | null }): object {
    return quantity === null ? quantityAtFlatRate[this.settings.current.flatRateQuantityInRest] : { quantity };
  }
}
