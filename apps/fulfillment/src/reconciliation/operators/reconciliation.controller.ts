import { documentation, Marks, type Page, type RecordedAct, type RequestMarks } from '@landfall/messaging';
import { Actor, DescribedBy, ManagementController, ParseId, RequiresRole } from '@landfall/service-defaults';
import { Body, Get, HttpCode, HttpStatus, NotFoundException, Param, Post, type Type } from '@nestjs/common';
import { ReconciliationActs } from './reconciliation.acts';
import { ReconciliationReader } from './reconciliation.reader';
import {
  answerRequest,
  reconciliationDetail,
  reconciliationRequest,
  reconciliationView,
  type AnswerRequest,
  type ReconciliationDetail,
  type ReconciliationRequest,
  type ReconciliationView,
} from './reconciliation.view';

function describeReconciliations(controller: Type): void {
  const { describe, describesAct, describesOne, describesPage } = documentation();
  const act = (summary: string) => describesAct(summary, 'It asks nothing of this, or was answered; the detail says why: code `REFUSED`');
  describe(controller, {
    list: describesPage('The newest 50 sweeps over Microsoft’s list, the newest first; there is no next page', reconciliationView),
    find: describesOne('One sweep: what it found, what is kept back, and what is missing', reconciliationDetail),
    begin: act('Sweep over the list of a registration now; one that is under way is joined. `after.reconciliation` is its id'),
    release: act('Let through what a sweep keeps back: subscriptions end here as Microsoft shows them, or unknown ones are imported'),
    dismiss: act(
      'Dismiss what a sweep keeps back, and what it did not show: nothing ends, nothing is imported, and nobody is asked about these again',
    ),
    withdraw: act('Take back what was dismissed with a sweep: the next one asks about it again, or lets it through'),
  });
}

/** Sweeps over Microsoft's list: what they found, and what operators decide about it. */
@DescribedBy(describeReconciliations)
@ManagementController('reconciliations')
export class ReconciliationController {
  constructor(
    private readonly reader: ReconciliationReader,
    private readonly acts: ReconciliationActs,
  ) {}

  @Get()
  @RequiresRole('landfall.read')
  async list(): Promise<Page<ReconciliationView>> {
    return { items: await this.reader.list(), next: null };
  }

  @Get(':id')
  @RequiresRole('landfall.read')
  async find(@Param('id', ParseId) id: string): Promise<ReconciliationDetail> {
    const found = await this.reader.find(id);
    if (!found) throw new NotFoundException(`There is no reconciliation ${id}`);
    return found;
  }

  @Post()
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  begin(
    @Body({ schema: reconciliationRequest }) { registration, reason }: ReconciliationRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.begin(registration, { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/release')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  release(
    @Param('id', ParseId) id: string,
    @Body({ schema: answerRequest }) { questions, reason }: AnswerRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.release(id.toLowerCase(), questions, { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/dismissal')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  dismiss(
    @Param('id', ParseId) id: string,
    @Body({ schema: answerRequest }) { questions, reason }: AnswerRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.dismiss(id.toLowerCase(), questions, { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/dismissal/withdrawal')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  withdraw(
    @Param('id', ParseId) id: string,
    @Body({ schema: answerRequest }) { questions, reason }: AnswerRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.acts.withdraw(id.toLowerCase(), questions, { ...marks, reason, actor: actor.subject });
  }
}
