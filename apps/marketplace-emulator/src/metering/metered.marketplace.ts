import type { Applications } from '../applications/applications';
import type { Catalogue } from '../offers/catalogue';
import type { People } from '../people/people';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Atomically } from '../state/atomically';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';

/** What metering needs from the rest of the emulator. Each of its parts picks what it uses itself. */
export interface MeteredMarketplace {
  readonly applications: Applications;
  readonly atomically: Atomically;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly people: People;
  readonly settings: SettingsRepository;
  readonly subscriptions: SubscriptionRepository;
}
