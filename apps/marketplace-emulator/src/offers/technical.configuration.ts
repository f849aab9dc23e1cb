import type { Marketplace } from '../marketplace';

/** Where the publisher of a subscription's offer is reached: as the offer says (contract 4.1, 7), and where it says nothing as the settings do. Null: nowhere. */
export function publisherAddressesOf(
  subscriptionId: string,
  { subscriptions, catalogue, settings }: Pick<Marketplace, 'subscriptions' | 'catalogue' | 'settings'>,
): { landingUrl: string | null; webhookUrl: string | null } {
  const { landingUrl, webhookUrl } = settings.current;
  const subscription = subscriptions.get(subscriptionId);
  return { landingUrl, webhookUrl, ...(subscription && catalogue.offerOf(subscription).technicalConfiguration) };
}
