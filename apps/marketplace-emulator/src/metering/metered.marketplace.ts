import type { Marketplace } from '../marketplace';

/** What metering needs of the marketplace. */
export type MeteredMarketplace = Pick<
  Marketplace,
  'applications' | 'atomically' | 'catalogue' | 'clock' | 'people' | 'settings' | 'subscriptions'
>;
