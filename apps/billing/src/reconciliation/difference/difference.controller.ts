import { actRequest, documentation, Marks, type ActRequest, type Page, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, HttpCode, HttpStatus, Param, Post, Query, type Type } from '@nestjs/common';
import { DifferenceDismissal } from './difference.dismissal';
import { DifferenceReader } from './difference.reader';
import { differenceNumber, differenceQuery, differenceView, type DifferenceQuery, type DifferenceView } from './difference.view';

function describeDifferences(controller: Type): void {
  const { describe, describesAct, describesPage } = documentation();
  const handlers = {
    list: describesPage('Where what Microsoft has recorded differs from our sums, by the day, the newest first', differenceView),
    dismiss: describesAct(
      'Explain a difference that no later list will mend: it alarms no more, unless it changes',
      'A later list agrees: code `REFUSED`',
    ),
  };
  describe(controller, handlers, 'usage');
}

/** Where Microsoft's list differs from our sums. */
@DescribedBy(describeDifferences)
@ManagementController('usage/differences')
export class DifferenceController {
  constructor(
    private readonly reader: DifferenceReader,
    private readonly dismissal: DifferenceDismissal,
  ) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: differenceQuery }) query: DifferenceQuery): Promise<Page<DifferenceView>> {
    return this.reader.list(query);
  }

  @Post(':number/dismissal')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  dismiss(
    @Param('number', { schema: differenceNumber }) number: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.dismissal.dismiss(number, { ...marks, reason, actor: actor.subject });
  }
}
