import {
  actRequest,
  documentation,
  Marks,
  OperatorActs,
  type ActRequest,
  type Page,
  type RecordedAct,
  type RequestMarks,
} from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, HttpCode, HttpStatus, NotFoundException, Param, Post, Query, type Type } from '@nestjs/common';
import { DeliveryReader, noDelivery } from './delivery.reader';
import { deliveryQuery, deliveryView, type DeliveryQuery, type DeliveryView } from './delivery.view';
import { replayDelivery } from './replay.domain';

function describeDeliveries(controller: Type): void {
  const { describe, describesAct, describesOne, describesPage } = documentation();
  describe(controller, {
    list: describesPage('Stored webhooks of a subscription, the newest first, without their bodies', deliveryView),
    find: describesOne('One stored webhook, without its body', deliveryView),
    replay: describesAct(
      'Let a stored webhook go the ordinary way once more: Microsoft is asked again, and nobody is answered anew',
      'It announces nothing that could be asked about; the detail says why: code `REFUSED`',
    ),
  });
}

/** Stored webhooks, for operators. Nobody is shown a body. */
@DescribedBy(describeDeliveries)
@ManagementController('deliveries')
export class DeliveryController {
  constructor(
    private readonly deliveries: DeliveryReader,
    private readonly acts: OperatorActs,
  ) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: deliveryQuery }) query: DeliveryQuery): Promise<Page<DeliveryView>> {
    return this.deliveries.list(query);
  }

  @Get(':id')
  @RequiresRole('landfall.read')
  async find(@Param('id', ParseId) id: string): Promise<DeliveryView> {
    const found = await this.deliveries.find(id);
    if (!found) throw new NotFoundException(noDelivery(id));
    return found;
  }

  /** Has what it announces looked at anew. @throws SubjectMissing, Refused */
  @Post(':id/replay')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  replay(
    @Param('id', ParseId) id: string,
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
