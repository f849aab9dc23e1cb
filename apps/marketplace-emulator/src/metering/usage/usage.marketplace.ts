import type { Applications } from '../../applications/applications';
import type { Catalogue } from '../../offers/catalogue';
import type { People } from '../../people/people';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { Atomically } from '../../state/atomically';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { Clock } from '../../time/clock';

/** What decisions and answers about usage need from the rest of the emulator. Each class picks what it uses itself. */
export interface UsageMarketplace {
  readonly applications: Pick<Applications, 'mayUse'>;
  readonly atomically: Atomically;
  readonly catalogue: Pick<Catalogue, 'offerOf' | 'planOf'>;
  readonly clock: Pick<Clock, 'now' | 'timeStamp'>;
  readonly people: Pick<People, 'get'>;
  readonly settings: Pick<SettingsRepository, 'current'>;
  readonly subscriptions: Pick<SubscriptionRepository, 'get'>;
}
