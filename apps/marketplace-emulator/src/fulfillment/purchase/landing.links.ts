import type { Addresses } from '../../identity/addresses';
import type { PublisherAddresses } from '../../offers/publisher.addresses';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { PurchaseTokens } from './purchase.tokens';

/** The addresses to which Microsoft's *Configure account* and *Manage account* lead (contract 5.5). */
export class LandingLinks {
  constructor(
    private readonly tokens: PurchaseTokens,
    private readonly publisherAddresses: PublisherAddresses,
    private readonly settings: SettingsRepository,
    private readonly addresses: Addresses,
  ) {}

  /**
   * The landing page's address with a fresh token behind what query it has already. Without a landing page, a page of the store that shows
   * the token.
   */
  mint(subscriptionId: string): string {
    const page = this.publisherAddresses.of(subscriptionId).landingUrl ?? `${this.addresses.storeUrl}/no-landing-page`;
    return `${page}${page.includes('?') ? '&' : '?'}token=${encodeURIComponent(this.tokens.mint(subscriptionId, this.settings.current.purchaseTokenSkewMs))}`;
  }
}
