import { tenantFor, type Application } from '../../applications/application';
import type { Applications } from '../../applications/applications';
import type { SigningKeys } from '../../identity/token/signing.keys';
import type { WebhookTokens } from '../../identity/token/webhook.tokens';
import { limits } from '../../limits';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { Clock } from '../../time/clock';

interface Shared {
  /** What the token was made for: another version, key or tenant needs another token. */
  for: string;
  token: Promise<string>;
  signedAtMs: number;
}

/**
 * The tokens of deliveries. Each has its own (contract 4.4), as long as signing keeps up: a signature costs ten times what the rest of a
 * delivery costs. When many webhooks wait, deliveries share a token for `webhookTokenReuseMs`; 0 never shares.
 */
export class TokenSupply {
  /** By application. */
  private readonly shared = new Map<string, Shared>();

  constructor(
    private readonly tokens: WebhookTokens,
    private readonly keys: SigningKeys,
    private readonly applications: Applications,
    private readonly subscriptions: SubscriptionRepository,
    private readonly settings: SettingsRepository,
    private readonly clock: Clock,
  ) {}

  /** A token of its own, or one that several deliveries share where the caller allows it. */
  take({ subscriptionId, mayShare = false }: { subscriptionId: string; mayShare?: boolean }): Promise<string> {
    const { clock, settings } = this;
    const { webhookTokenVersion, webhookTokenReuseMs } = settings.current;
    const application = this.applicationOf(subscriptionId);
    if (!mayShare) return this.tokens.issue(webhookTokenVersion, application);
    const wanted = `${webhookTokenVersion} ${this.keys.current.kid} ${tenantFor(application)}`;
    const shared = this.shared.get(application.id);
    if (shared?.for === wanted && clock.realNow() - shared.signedAtMs < webhookTokenReuseMs) return shared.token;
    const token = this.tokens.issue(webhookTokenVersion, application);
    if (this.shared.size >= limits.applications) this.shared.clear(); // of applications that are gone
    this.shared.set(application.id, { for: wanted, token, signedAtMs: clock.realNow() });
    return token;
  }

  /** The one to whose tenant and id the webhooks of a subscription are addressed. */
  applicationOf(subscriptionId: string): Application {
    const { applications, subscriptions } = this;
    const subscription = subscriptions.get(subscriptionId);
    return subscription ? applications.ownerOf(subscription) : applications.first;
  }
}
