import type { DocumentStore } from '../state/document.store';
import { SubscriptionHistory, type StoredHistory } from '../subscription/subscription.history';
import type { SubscriptionRepository } from '../subscription/subscription.repository';
import type { Clock } from '../time/clock';
import { RefusedUsageLog } from './usage/refused.usage';
import { UsageRepository } from './usage/usage.repository';
import { UsageChance } from './usage/usage.chance';
import { UsageDecision } from './usage/usage.decision';
import type { AcceptedUsage } from './usage/usage.event';
import { UsageRecords } from './usage/usage.records';
import type { UsageMarketplace } from './usage/usage.marketplace';
import { UsageRoutes } from './usage/usage.routes';

/** What metering needs from the rest of the emulator. */
export interface MeteringParts extends UsageMarketplace {
  readonly clock: Clock;
  readonly subscriptions: SubscriptionRepository;
}

/** All parts of metered billing, and what they are made of (contract 6). */
export class Metering {
  readonly history: SubscriptionHistory;
  readonly repository: UsageRepository;
  readonly decision: UsageDecision;
  readonly refused: RefusedUsageLog;
  private readonly chance: UsageChance;

  constructor(
    private readonly marketplace: MeteringParts,
    store: Pick<DocumentStore, 'collection'>,
  ) {
    this.chance = new UsageChance(marketplace.settings);
    this.refused = new RefusedUsageLog(marketplace.clock);
    this.history = new SubscriptionHistory(store.collection<StoredHistory>('history'), marketplace.clock, marketplace.subscriptions);
    const events = store.collection<AcceptedUsage>('usage-event');
    this.repository = new UsageRepository({ events, days: store.collection('usage-day'), horizon: store.collection('usage-horizon') });
    this.decision = new UsageDecision(marketplace, this.history, this.repository, this.chance);
    events.whenLoaded(() => {
      this.chance.restart();
      this.refused.entries.clear();
    });
  }

  apiRoutes() {
    return [
      new UsageRoutes(this.marketplace, this.decision, new UsageRecords(this.marketplace, this.repository), this.refused, this.chance),
    ];
  }
}
