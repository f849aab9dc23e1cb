import type { PurchaseTokens } from '../fulfillment/purchase/purchase.tokens';
import type { Settings } from '../settings/settings';
import type { Clock } from '../time/clock';
import { ApiRecorder, type WatchedMarketplace } from './api.recorder';
import { Breaches } from './breaches';
import type { Fact } from './fact';
import { IdentityRecorder } from './identity.recorder';
import type { Observer } from './observer';
import { rules } from './rules/rules';
import { UnansweredWebhooks } from './unanswered.webhooks';

/** All that watches whether the publisher keeps Microsoft's rules. */
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

  note(fact: Fact): void {
    if (fact.kind === 'delivery-began') this.unanswered.began(fact);
    if (fact.kind === 'delivery-ended') this.unanswered.ended(fact);
    this.breaches.note(fact);
  }

  identityRecorder(): IdentityRecorder {
    return new IdentityRecorder(this.clock, this);
  }

  apiRecorder(marketplace: Omit<WatchedMarketplace, 'clock' | 'observer'>, purchaseTokens: PurchaseTokens): ApiRecorder {
    return new ApiRecorder({ ...marketplace, clock: this.clock, observer: this }, purchaseTokens, this.unanswered);
  }

  /** What was seen belongs to contents that are gone. */
  forget(): void {
    this.unanswered.forget();
    this.breaches.forget();
  }
}
