import { actRequest, Marks, OperatorActs, type ActRequest, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, HttpCode, HttpStatus, NotFoundException, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { DeliveryReader } from './delivery.reader';
import { deliveryQuery, type DeliveryQuery, type DeliveryView } from './delivery.view';
import { replayDelivery } from './replay.domain';

/** Stored webhooks, for operators. Nobody is shown a body. */
@ManagementController('deliveries')
export class DeliveryController {
  constructor(
    private readonly deliveries: DeliveryReader,
    private readonly acts: OperatorActs,
  ) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: deliveryQuery }) { subscriptionId }: DeliveryQuery): Promise<DeliveryView[]> {
    return this.deliveries.list(subscriptionId);
  }

  @Get(':id')
  @RequiresRole('landfall.read')
  async find(@Param('id', ParseUUIDPipe) id: string): Promise<DeliveryView> {
    const found = await this.deliveries.find(id);
    if (!found) throw new NotFoundException(`No delivery ${id} is stored; they are kept for a time only`);
    return found;
  }

  /** Has what it announces looked at anew. @throws SubjectMissing, Refused */
  @Post(':id/replay')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  replay(
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.perform(
      'delivery.replay',
      `deliveries/${id.toLowerCase()}`,
      { ...marks, reason, actor: actor.subject },
      {
        key: id.toLowerCase(),
        load: (tx) => this.deliveries.load(tx, id.toLowerCase()),
        decide: replayDelivery,
        save: async () => undefined, // it stays as it came
        seen: ({ registration, receivedAt }) => ({ registration, receivedAt: receivedAt.toISOString() }),
      },
    );
  }
}
