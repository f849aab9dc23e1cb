import { actRequest, documentation, Marks, type ActRequest, type RequestMarks } from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, HttpCode, HttpStatus, NotFoundException, Param, Post, type Type } from '@nestjs/common';
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

function describeRequests(controller: Type): void {
  const { describe, describesAct, describesOne, describesSome, whereKnown } = documentation();
  const answer = { status: HttpStatus.ACCEPTED, description: 'Nothing has changed yet, and this is the request', view: requestView };
  const request = (summary: string) =>
    describesAct(summary, 'It cannot come true, or another request is pending; the detail says why: code `REFUSED`', answer);
  const handlers = {
    changePlan: request('Request another plan of Microsoft'),
    changeQuantity: request('Request another number of seats of Microsoft'),
    cancel: request('Request of Microsoft that the subscription is cancelled'),
    list: [...describesSome('The newest hundred requests for a subscription', requestView), whereKnown('subscription')],
    find: describesOne('How a request stands', requestView),
  };
  describe(controller, handlers, 'subscriptions');
}

/** Changes from our side. The answer is the request: what becomes of it is read here, and told by the public events. */
@DescribedBy(describeRequests)
@ManagementController('subscriptions')
export class ChangeRequestController {
  constructor(
    private readonly changes: ChangeRequests,
    private readonly requests: RequestReader,
    private readonly subscriptions: SubscriptionReader,
  ) {}

  @Post(':id/plan-changes')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.ACCEPTED)
  changePlan(
    @Param('id', ParseId) id: string,
    @Body({ schema: planChangeRequest }) { planId, reason }: PlanChangeRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RequestView> {
    return this.request(id, { action: 'ChangePlan', planId, quantity: null }, reason, marks, actor);
  }

  @Post(':id/quantity-changes')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.ACCEPTED)
  changeQuantity(
    @Param('id', ParseId) id: string,
    @Body({ schema: quantityChangeRequest }) { quantity, reason }: QuantityChangeRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RequestView> {
    return this.request(id, { action: 'ChangeQuantity', planId: null, quantity }, reason, marks, actor);
  }

  @Post(':id/cancellations')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.ACCEPTED)
  cancel(
    @Param('id', ParseId) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RequestView> {
    return this.request(id, { action: 'Unsubscribe', planId: null, quantity: null }, reason, marks, actor);
  }

  @Get(':id/requests')
  @RequiresRole('landfall.read')
  async list(@Param('id', ParseId) id: string): Promise<RequestView[]> {
    if (!(await this.subscriptions.find(id))) throw new NotFoundException(`Landfall does not know subscription ${id}`);
    return this.requests.list(id);
  }

  @Get(':id/requests/:requestId')
  @RequiresRole('landfall.read')
  async find(@Param('id', ParseId) id: string, @Param('requestId', ParseId) requestId: string): Promise<RequestView> {
    const found = await this.requests.find(id, requestId);
    if (!found) throw new NotFoundException(`There is no request ${requestId} for subscription ${id}`);
    return found;
  }

  private request(id: string, requested: Requested, reason: string, marks: RequestMarks, actor: Actor): Promise<RequestView> {
    const by = { ...marks, reason, actor: actor.subject };
    return this.changes.request(id.toLowerCase(), requested, by, actor.isApplication ? 'product' : 'operator');
  }
}
