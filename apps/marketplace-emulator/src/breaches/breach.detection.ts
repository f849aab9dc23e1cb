import type { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import type { Settings } from '../settings/settings';
import type { Clock } from '../time/clock';
import { ApiRecorder, type RecordedMarketplace } from './api.recorder';
import { Breaches } from './breaches';
import type { Fact } from './fact';
import { IdentityRecorder } from './identity.recorder';
import type { Observer } from './observer';
import { rules } from './rules/rules';
import { UnansweredWebhooks } from './unanswered.webhooks';

/** The parts that detect where the publisher breaks Microsoft's rules, and what they are made of. */
export class BreachDetection implements Observer {
  readonly breaches: Breaches;
  private readonly unanswered = new UnansweredWebhooks();

  constructor(
    private readonly clock: Clock,
    settings: () => Settings,
    onError: (error: unknown) => void,
  ) {
    this.breaches = new Breaches(rules, clock, settings, onError);
  }

  notify(fact: Fact): void {
    if (fact.kind === 'delivery-began') this.unanswered.began(fact);
    if (fact.kind === 'delivery-ended') this.unanswered.ended(fact);
    this.breaches.notify(fact);
  }

  identityRecorder(): IdentityRecorder {
    return new IdentityRecorder(this.clock, this);
  }

  apiRecorder(marketplace: Omit<RecordedMarketplace, 'clock' | 'observer'>, purchaseTokens: PurchaseTokens): ApiRecorder {
    return new ApiRecorder({ ...marketplace, clock: this.clock, observer: this }, purchaseTokens, this.unanswered);
  }

  /** What was recorded belongs to contents that have been replaced. */
  clear(): void {
    this.unanswered.clear();
    this.breaches.clear();
  }
}
