import { documentation, type Page } from '@landfall/messaging';
import { DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, Headers, HttpCode, Post, Query, type Type } from '@nestjs/common';
import { UsageReader } from './usage.reader';
import { UsageRequests } from './usage.requests';
import {
  heldQuery,
  heldView,
  refusedQuery,
  refusedView,
  resultsView,
  type HeldQuery,
  type HeldView,
  type RefusedQuery,
  type RefusedView,
  type ResultsView,
} from './usage.view';

function describeUsage(controller: Type): void {
  const { describe, describesPage, describesOne } = documentation();
  describe(
    controller,
    {
      report: describesOne('What became of each reported event', resultsView),
      refused: describesPage('Records that do not count, the newest first', refusedView),
      held: describesPage('Records that wait until their subscription or meter is known, the newest first', heldView),
    },
    'usage',
  );
}

/** Usage that products report by HTTP, and what of all usage does not count. */
@DescribedBy(describeUsage)
@ManagementController('usage')
export class UsageController {
  constructor(
    private readonly requests: UsageRequests,
    private readonly usage: UsageReader,
  ) {}

  /** Safe to repeat: what was taken is a duplicate then. */
  @Post()
  @HttpCode(200)
  @RequiresRole('landfall.usage')
  async report(@Body() body: unknown, @Headers('content-type') contentType?: string): Promise<ResultsView> {
    const results = await this.requests.take(body, contentType);
    return { results: results.map(({ verdict, identified: { source = null, id = null } }) => ({ source, id, ...verdict })) };
  }

  @Get('refused')
  @RequiresRole('landfall.read')
  refused(@Query({ schema: refusedQuery }) query: RefusedQuery): Promise<Page<RefusedView>> {
    return this.usage.refused(query);
  }

  @Get('held')
  @RequiresRole('landfall.read')
  held(@Query({ schema: heldQuery }) query: HeldQuery): Promise<Page<HeldView>> {
    return this.usage.held(query);
  }
}
