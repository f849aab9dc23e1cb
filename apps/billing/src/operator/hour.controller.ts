import { actRequest, documentation, Marks, type ActRequest, type Page, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, HttpCode, HttpStatus, Param, Post, Query, type Type } from '@nestjs/common';
import { microsOf } from '../ledger/micros';
import type { HourAct } from './hour.act.domain';
import { HourActs } from './hour.acts';
import { HourReader } from './hour.reader';
import {
  acceptanceRequest,
  hourKey,
  hourQuery,
  hourView,
  type AcceptanceRequest,
  type HourKey,
  type HourQuery,
  type HourView,
} from './hour.view';

function describeHours(controller: Type): void {
  const { describe, describesAct, describesPage } = documentation();
  const act = (summary: string) =>
    describesAct(summary, 'It waits for no such decision; the detail says why, and what to do: code `REFUSED`');
  const handlers = {
    list: describesPage('What was handed over under one of Microsoft’s keys, or is held before it, the oldest first', hourView),
    confirm: act(
      'Confirm a held hour: it goes out before its deadline, and its units with a later hour behind it. Corrections are taken off',
    ),
    writeOff: act('Write off a held or an uncertain hour: it is never billed'),
    accept: act('Say what Microsoft has of an uncertain hour: the rest of it is due again'),
    carry: act('Say that Microsoft has nothing of an uncertain hour: all of it is due again'),
  };
  describe(controller, handlers, 'usage');
}

const path = ':subscriptionId/:dimension/:hour';

/** Hours that an operator decides about. */
@DescribedBy(describeHours)
@ManagementController('usage/hours')
export class HourController {
  constructor(
    private readonly reader: HourReader,
    private readonly acts: HourActs,
  ) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: hourQuery }) query: HourQuery): Promise<Page<HourView>> {
    return this.reader.list(query);
  }

  @Post(`${path}/confirmation`)
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  confirm(
    @Param({ schema: hourKey }) hour: HourKey,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.perform(hour, { kind: 'confirm' }, reason, marks, actor);
  }

  @Post(`${path}/write-off`)
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  writeOff(
    @Param({ schema: hourKey }) hour: HourKey,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.perform(hour, { kind: 'write-off' }, reason, marks, actor);
  }

  @Post(`${path}/acceptance`)
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  accept(
    @Param({ schema: hourKey }) hour: HourKey,
    @Body({ schema: acceptanceRequest }) { quantity, reason }: AcceptanceRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.perform(hour, { kind: 'accept', quantity: microsOf(quantity) }, reason, marks, actor);
  }

  @Post(`${path}/carry`)
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  carry(
    @Param({ schema: hourKey }) hour: HourKey,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.perform(hour, { kind: 'carry' }, reason, marks, actor);
  }

  private perform(hour: HourKey, act: HourAct, reason: string, marks: RequestMarks, actor: Actor): Promise<RecordedAct> {
    return this.acts.perform(hour, act, { ...marks, reason, actor: actor.subject });
  }
}
