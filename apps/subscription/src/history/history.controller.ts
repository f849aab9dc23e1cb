import { documentation, type Page } from '@landfall/messaging';
import { DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Get, NotFoundException, Param, Query, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SubscriptionReader } from '../subscription/subscription.reader';
import { HistoryReader } from './history.reader';
import { exportQuery, historyQuery, transitionView, type ExportQuery, type HistoryQuery, type TransitionView } from './history.view';

function describeHistory(controller: Type): void {
  const { describe, describesLines, describesPage, whereKnown } = documentation();
  const handlers = {
    page: [
      ...describesPage('Everything that happened to a subscription, with who did it and why, the oldest first', transitionView),
      whereKnown('subscription'),
    ],
    export: describesLines(
      'The history of all subscriptions that was written in a range of time: an entry a line, as it was at one moment',
      transitionView,
      'Two exports are running: ask again',
    ),
  };
  describe(controller, handlers, 'history');
}

/** How every subscription came to be as it is. */
@DescribedBy(describeHistory)
@ManagementController('')
export class HistoryController {
  constructor(
    private readonly history: HistoryReader,
    private readonly subscriptions: SubscriptionReader,
  ) {}

  @Get('subscriptions/:id/history')
  @RequiresRole('landfall.read')
  async page(@Param('id', ParseId) id: string, @Query({ schema: historyQuery }) query: HistoryQuery): Promise<Page<TransitionView>> {
    if (!(await this.subscriptions.find(id))) throw new NotFoundException(`Landfall does not know subscription ${id}`);
    return this.history.page(id, query);
  }

  @Get('history')
  @RequiresRole('landfall.read')
  async export(@Query({ schema: exportQuery }) query: ExportQuery, @Res() reply: FastifyReply): Promise<void> {
    const lines = await this.history.export(query);
    await reply.type('application/x-ndjson').send(lines);
  }
}
