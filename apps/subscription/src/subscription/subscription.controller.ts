import { Controller, Get, NotFoundException, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '@landfall/messaging';
import { RequiresRole } from '@landfall/service-defaults';
import { z } from 'zod';
import { SubscriptionReader } from './subscription.reader';
import { subscriptionPage, subscriptionQuery, subscriptionView, type SubscriptionQuery, type SubscriptionView } from './subscription.view';

const schemaOf = (view: z.ZodType) => z.toJSONSchema(view, { target: 'openapi-3.0' }) as object;

@ApiTags('subscriptions')
@ApiBearerAuth()
@Controller('subscriptions')
export class SubscriptionController {
  constructor(private readonly subscriptions: SubscriptionReader) {}

  @Get()
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'Subscriptions whose set-up stands at a stage, those that have waited longest first' })
  @ApiOkResponse({ schema: schemaOf(subscriptionPage) })
  @ApiBadRequestResponse({ description: 'A stage that does not exist, or a filter out of its bounds' })
  list(@Query({ schema: subscriptionQuery }) query: SubscriptionQuery): Promise<Page<SubscriptionView>> {
    return this.subscriptions.list(query);
  }

  @Get(':id')
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'The record of one subscription' })
  @ApiOkResponse({ schema: schemaOf(subscriptionView) })
  @ApiNotFoundResponse({ description: 'Landfall does not know this subscription' })
  async find(@Param('id', ParseUUIDPipe) id: string): Promise<SubscriptionView> {
    const found = await this.subscriptions.find(id);
    if (!found) throw new NotFoundException(`Landfall does not know subscription ${id}`);
    return found;
  }
}
