import type { SettingsRepository } from '../settings/settings.repository';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Catalogue } from './catalogue';

/**
 * Where the publisher of a subscription's offer is reached: at the addresses of the offer (contract 4.1, 7), or else at those of the
 * settings.
 */
export class PublisherAddresses {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly catalogue: Catalogue,
    private readonly settings: SettingsRepository,
  ) {}

  /** Null: nowhere. */
  of(subscriptionId: string): { landingUrl: string | null; webhookUrl: string | null } {
    const { landingUrl, webhookUrl } = this.settings.current;
    const subscription = this.subscriptions.get(subscriptionId);
    return { landingUrl, webhookUrl, ...(subscription && this.catalogue.offerOf(subscription).technicalConfiguration) };
  }
}
