import type { Page } from '@landfall/messaging';
import { RequiresRole } from '@landfall/service-defaults';
import { Controller, Get, NotFoundException, Param, ParseUUIDPipe, Query, Res, ServiceUnavailableException } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { SubscriptionReader } from '../subscription/subscription.reader';
import { exportStream } from './export.stream';
import { HistoryReader, TooManyExports } from './history.reader';
import {
  exportQuery,
  historyPage,
  historyQuery,
  transitionView,
  type ExportQuery,
  type HistoryQuery,
  type TransitionView,
} from './history.view';

const schemaOf = (view: z.ZodType) => z.toJSONSchema(view, { target: 'openapi-3.0' }) as object;

/** How every subscription came to be as it is. */
@ApiTags('history')
@ApiBearerAuth()
@Controller()
export class HistoryController {
  constructor(
    private readonly history: HistoryReader,
    private readonly subscriptions: SubscriptionReader,
  ) {}

  @Get('subscriptions/:id/history')
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'Everything that happened to a subscription, with who did it and why, the oldest first' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 } })
  @ApiQuery({ name: 'after', required: false, description: '`next` of the page before', schema: { type: 'integer', minimum: 0 } })
  @ApiOkResponse({ schema: schemaOf(historyPage) })
  @ApiBadRequestResponse({ description: 'A limit or `after` out of its bounds' })
  @ApiNotFoundResponse({ description: 'Landfall does not know this subscription' })
  async page(@Param('id', ParseUUIDPipe) id: string, @Query({ schema: historyQuery }) query: HistoryQuery): Promise<Page<TransitionView>> {
    if (!(await this.subscriptions.find(id))) throw new NotFoundException(`Landfall does not know subscription ${id}`);
    return this.history.page(id, query);
  }

  /** The first piece is there before the answer begins: until then what goes wrong is a problem document, and after that a cut answer. */
  @Get('history')
  @RequiresRole('landfall.read')
  @ApiOperation({
    summary: 'The history of all subscriptions that was written in a range of time: an entry a line, as it was at one moment',
  })
  @ApiQuery({ name: 'from', description: 'What was written then or later', schema: { type: 'string', format: 'date-time' } })
  @ApiQuery({ name: 'to', required: false, description: 'And before that', schema: { type: 'string', format: 'date-time' } })
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ description: 'NDJSON. An answer that is cut off is not whole: ask again.', schema: schemaOf(transitionView) })
  @ApiBadRequestResponse({ description: 'No `from`, or one that is no instant or not before `to`' })
  @ApiServiceUnavailableResponse({ description: 'Two exports are running: ask again' })
  async export(@Query({ schema: exportQuery }) query: ExportQuery, @Res() reply: FastifyReply): Promise<void> {
    const lines = this.history.lines(query);
    const first = await lines.next().catch((error: unknown) => {
      throw error instanceof TooManyExports ? new ServiceUnavailableException(error.message, { cause: error }) : error;
    });
    await reply.type('application/x-ndjson').send(exportStream(first, lines));
  }
}
