import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { EventPublisher } from './event.publisher';
import { MarketplaceApi } from './marketplace.api';
import { SubscriptionService } from './subscription.service';
import { TokenGuard } from './token.guard';

/** What a webhook says of its operation. */
interface Notification {
  id: string;
  subscriptionId: string;
}

/** Does everything while Microsoft waits for the answer. */
@Controller('webhook')
@UseGuards(TokenGuard)
export class WebhookController {
  constructor(
    private readonly marketplace: MarketplaceApi,
    private readonly subscriptions: SubscriptionService,
    private readonly events: EventPublisher,
  ) {}

  @Post()
  @HttpCode(200)
  async receive(@Body() notification: Notification): Promise<void> {
    const operation = await this.marketplace.getOperation(notification.subscriptionId, notification.id);
    if (!(await this.subscriptions.apply(operation))) return;
    const { id, subscriptionId, action, planId, quantity } = operation;
    await this.events.publish(subscriptionId, { id, type: action, subscriptionId, planId, quantity, time: new Date().toISOString() });
    if (operation.status === 'InProgress') await this.marketplace.acknowledge(subscriptionId, id);
  }
}
