import { documentation, type Page } from '@landfall/messaging';
import { DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Get, NotFoundException, Param, Query, type Type } from '@nestjs/common';
import { SubscriptionReader } from './subscription.reader';
import { subscriptionQuery, subscriptionView, type SubscriptionQuery, type SubscriptionView } from './subscription.view';

function describeSubscriptions(controller: Type): void {
  const { describe, describesOne, describesPage } = documentation();
  const handlers = {
    list: describesPage('Subscriptions whose set-up stands at a stage, those that have waited longest first', subscriptionView),
    find: describesOne('The record of one subscription', subscriptionView),
  };
  describe(controller, handlers, 'subscriptions');
}

/** The record, for operators and products. */
@DescribedBy(describeSubscriptions)
@ManagementController('subscriptions')
export class SubscriptionController {
  constructor(private readonly subscriptions: SubscriptionReader) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: subscriptionQuery }) query: SubscriptionQuery): Promise<Page<SubscriptionView>> {
    return this.subscriptions.list(query);
  }

  @Get(':id')
  @RequiresRole('landfall.read')
  async find(@Param('id', ParseId) id: string): Promise<SubscriptionView> {
    const found = await this.subscriptions.find(id);
    if (!found) throw new NotFoundException(`Landfall does not know subscription ${id}`);
    return found;
  }
}
