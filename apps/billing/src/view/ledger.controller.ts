import { documentation } from '@landfall/messaging';
import { DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Get, NotFoundException, Param, Query, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LedgerReader } from './ledger.reader';
import {
  exportQuery,
  hourView,
  includedView,
  usedAnswer,
  usedQuery,
  type ExportQuery,
  type IncludedView,
  type UsedQuery,
  type UsedView,
} from './ledger.view';

function describeLedger(controller: Type): void {
  const { describe, describesLines, describesOne, describesSome, whereKnown } = documentation();
  const handlers = {
    used: describesOne('What was used of a subscription, by hour, day or term', usedAnswer),
    included: [
      ...describesSome('By plan, meter and term, what is included, used and left, the newest terms first', includedView),
      whereKnown('subscription'),
    ],
    export: describesLines(
      'Every hour of usage that was handed over, with its state and all answers of Microsoft: an hour a line, as all were at one moment',
      hourView,
      'Two exports are running: ask again',
    ),
  };
  describe(controller, handlers, 'usage');
}

/** What was used, what is left, and what became of each hour. */
@DescribedBy(describeLedger)
@ManagementController('')
export class LedgerController {
  constructor(private readonly ledger: LedgerReader) {}

  @Get('subscriptions/:id/usage')
  @RequiresRole('landfall.read')
  async used(@Param('id', ParseId) id: string, @Query({ schema: usedQuery }) query: UsedQuery): Promise<{ items: UsedView[] }> {
    return { items: known(id, await this.ledger.used(id, query)) };
  }

  @Get('subscriptions/:id/included-quantities')
  @RequiresRole('landfall.read')
  async included(@Param('id', ParseId) id: string): Promise<IncludedView[]> {
    return known(id, await this.ledger.included(id));
  }

  @Get('usage/export')
  @RequiresRole('landfall.read')
  async export(@Query({ schema: exportQuery }) query: ExportQuery, @Res() reply: FastifyReply): Promise<void> {
    const lines = await this.ledger.export(query);
    await reply.type('application/x-ndjson').send(lines);
  }
}

function known<T>(id: string, found: T | null): T {
  if (found === null) throw new NotFoundException(`Landfall does not know subscription ${id}`);
  return found;
}
