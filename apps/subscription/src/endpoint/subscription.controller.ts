import {
  applyDecorators,
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
} from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { actRequest, Marks, recordedAct, type ActRequest, type Page, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, RequiresRole } from '@landfall/service-defaults';
import { z } from 'zod';
import { PurchaseApproval } from '../purchase/purchase.approval';
import { rejectionRequest, subscriptionQuery, type RejectionRequest, type SubscriptionQuery } from './subscription.requests';
import { SubscriptionReader } from './subscription.reader';
import { subscriptionPage, subscriptionView, transitionView, type SubscriptionView, type TransitionView } from './subscription.view';

const schemaOf = (view: z.ZodType) => z.toJSONSchema(view, { target: 'openapi-3.0' }) as object;

@ApiTags('subscriptions')
@ApiBearerAuth()
@Controller('subscriptions')
export class SubscriptionController {
  constructor(
    private readonly subscriptions: SubscriptionReader,
    private readonly approval: PurchaseApproval,
  ) {}

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

  @Get(':id/history')
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'Every change of a subscription, with its cause' })
  @ApiOkResponse({ schema: schemaOf(z.array(transitionView)) })
  async history(@Param('id', ParseUUIDPipe) id: string): Promise<TransitionView[]> {
    await this.find(id);
    return this.subscriptions.history(id);
  }

  @Post(':id/approval')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  @DescribesAct('Approve a purchase that waits for it: it is set up, and activated at Microsoft where that has not happened')
  approve(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.approval.approve(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/rejection')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  @DescribesAct('Reject a purchase that waits for approval: its customer is shown the reason, and Microsoft is asked to cancel it')
  reject(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: rejectionRequest }) { reason }: RejectionRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.approval.reject(id.toLowerCase(), { ...marks, reason, actor: actor.subject });
  }
}

function DescribesAct(summary: string) {
  return applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({ name: 'Idempotency-Key', required: true, description: 'The same act under the same key is done once, and answered alike' }),
    ApiOkResponse({ description: 'It is done, and this is its record', schema: schemaOf(recordedAct) }),
    ApiBadRequestResponse({ description: 'No reason, or no Idempotency-Key, or one out of its bounds' }),
    ApiNotFoundResponse({ description: 'Landfall does not know this subscription: code `NOT_FOUND`' }),
    ApiConflictResponse({ description: 'It waits for no such decision; the detail says why, and what to do: code `REFUSED`' }),
    ApiUnprocessableEntityResponse({ description: 'The key was used for another act: code `IDEMPOTENCY_KEY_REUSED`' }),
  );
}
