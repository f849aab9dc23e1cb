import { actRequest, Marks, type ActRequest, type RequestMarks } from '@landfall/messaging';
import { Actor, RequiresRole } from '@landfall/service-defaults';
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
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
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
import { z } from 'zod';
import { SubscriptionReader } from '../subscription/subscription.reader';
import { ChangeRequests } from './change.requests';
import type { Requested } from './request';
import { RequestReader } from './request.reader';
import {
  planChangeRequest,
  quantityChangeRequest,
  requestView,
  type PlanChangeRequest,
  type QuantityChangeRequest,
  type RequestView,
} from './request.view';

const schemaOf = (view: z.ZodType) => z.toJSONSchema(view, { target: 'openapi-3.0' }) as object;

/** Changes from our side. The answer is the request: what becomes of it is read here, and told by the public events. */
@ApiTags('subscriptions')
@ApiBearerAuth()
@Controller('subscriptions')
export class ChangeRequestController {
  constructor(
    private readonly changes: ChangeRequests,
    private readonly requests: RequestReader,
    private readonly subscriptions: SubscriptionReader,
  ) {}

  @Post(':id/plan-changes')
  @DescribesRequest('Request another plan of Microsoft')
  changePlan(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: planChangeRequest }) { planId, reason }: PlanChangeRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RequestView> {
    return this.request(id, { action: 'ChangePlan', planId, quantity: null }, reason, marks, actor);
  }

  @Post(':id/quantity-changes')
  @DescribesRequest('Request another number of seats of Microsoft')
  changeQuantity(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: quantityChangeRequest }) { quantity, reason }: QuantityChangeRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RequestView> {
    return this.request(id, { action: 'ChangeQuantity', planId: null, quantity }, reason, marks, actor);
  }

  @Post(':id/cancellations')
  @DescribesRequest('Request of Microsoft that the subscription is cancelled')
  cancel(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RequestView> {
    return this.request(id, { action: 'Unsubscribe', planId: null, quantity: null }, reason, marks, actor);
  }

  @Get(':id/requests')
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'The newest hundred requests for a subscription' })
  @ApiOkResponse({ schema: schemaOf(z.array(requestView)) })
  @ApiNotFoundResponse({ description: 'Landfall does not know this subscription: code `NOT_FOUND`' })
  async list(@Param('id', ParseUUIDPipe) id: string): Promise<RequestView[]> {
    if (!(await this.subscriptions.find(id))) throw new NotFoundException(`Landfall does not know subscription ${id}`);
    return this.requests.list(id);
  }

  @Get(':id/requests/:requestId')
  @RequiresRole('landfall.read')
  @ApiOperation({ summary: 'How a request stands' })
  @ApiOkResponse({ schema: schemaOf(requestView) })
  @ApiNotFoundResponse({ description: 'There is no such request for this subscription: code `NOT_FOUND`' })
  async find(@Param('id', ParseUUIDPipe) id: string, @Param('requestId', ParseUUIDPipe) requestId: string): Promise<RequestView> {
    const found = await this.requests.find(id, requestId);
    if (!found) throw new NotFoundException(`There is no request ${requestId} for subscription ${id}`);
    return found;
  }

  private request(id: string, requested: Requested, reason: string, marks: RequestMarks, actor: Actor): Promise<RequestView> {
    const by = { ...marks, reason, actor: actor.subject };
    return this.changes.request(id.toLowerCase(), requested, by, actor.isApplication ? 'product' : 'operator');
  }
}

function DescribesRequest(summary: string) {
  return applyDecorators(
    RequiresRole('landfall.operate'),
    HttpCode(HttpStatus.ACCEPTED),
    ApiOperation({ summary: `${summary}: nothing has changed yet, and this is the request` }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: true,
      description: 'The same request under the same key is made once, and answered by it',
    }),
    ApiAcceptedResponse({ schema: schemaOf(requestView) }),
    ApiBadRequestResponse({ description: 'No reason or target, or no Idempotency-Key, or one out of its bounds' }),
    ApiNotFoundResponse({ description: 'Landfall does not know this subscription: code `NOT_FOUND`' }),
    ApiConflictResponse({ description: 'It cannot come true, or another request is pending; the detail says why: code `REFUSED`' }),
    ApiUnprocessableEntityResponse({ description: 'The key was used for another request: code `IDEMPOTENCY_KEY_REUSED`' }),
  );
}
