import { Injectable } from '@nestjs/common';
import type { MessageOf, webhookReceived, webhookUnreadable } from '@landfall/contracts';
import { MarketplaceError } from '@landfall/marketplace-client';
import { FactsMissing, type Attempt } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { MicrosoftWordUnknown, SubscriptionNotShown } from '../microsoft/microsoft.errors';
import type { SubscriptionReading } from '../microsoft/microsoft.readings';
import type { WebhookFacts } from './verification.domain';

/** A batch waits for its slowest read, one second at most: what takes longer is asked for again by itself. */
const BOUNDS = { timeoutMs: 900 };

/** Reads what a decision about a webhook needs from Microsoft. */
@Injectable()
export class WebhookEnrichment {
  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly clock: Clock,
  ) {}

  /**
   * Get Operation and Get Subscription side by side (rule 1). `since` is when the subscription was blocked, perhaps by a webhook about another
   * operation: one that came meanwhile has a wait of its own before it (rule 5). @throws MicrosoftAway, FactsMissing
   */
  async factsAbout(message: MessageOf<typeof webhookReceived>, { since }: Attempt): Promise<WebhookFacts> {
    const waitedMs = since ? Math.min(this.msSince(since), this.msSince(message.time, this.clock.now())) : 0;
    const [reading, operation] = await answered(
      Promise.all([
        this.microsoft.subscription(message.data.subscriptionId, message, BOUNDS),
        this.microsoft.operation(message.data, message, BOUNDS),
      ]),
    );
    return { ...reading, operation, waitedMs };
  }

  private msSince(instant: string, now = this.clock.realNow()): number {
    return now.getTime() - Date.parse(instant);
  }

  /** Get Subscription alone, where nothing else is known. @throws as `factsAbout` */
  subscriptionOf({ data, correlationId }: MessageOf<typeof webhookUnreadable>): Promise<SubscriptionReading> {
    return answered(this.microsoft.subscription(data.subscriptionId, { correlationId }, BOUNDS));
  }
}

/** An answer that can't be used is no reason to give a webhook up: it is asked again for about a day, and then an operator sees why. */
async function answered<T>(reads: Promise<T>): Promise<T> {
  try {
    return await reads;
  } catch (error) {
    const isAnswer = error instanceof MarketplaceError || error instanceof SubscriptionNotShown || error instanceof MicrosoftWordUnknown;
    if (isAnswer) throw new FactsMissing(error.message, { cause: error });
    throw error;
  }
}
