import { Body, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { Actor, DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { DeadLetterAdministration } from './dead-letter.administration';
import type { BlockedKeyQuery } from './dead-letter.reader';
import type { BlockedKey, DeadLetter } from './dead-letter.view';
import type { RecordedAct } from '../act/operator-act.view';
import type { Page } from '../page';
import { actRequest, deadLetterId, deadLetterQuery, Marks, type ActRequest, type RequestMarks } from '../requests';
import { documentation } from '../lazy.documentation';

@DescribedBy((controller) => documentation().describeDeadLetters(controller))
@RequiresRole('landfall.read')
@ManagementController('dead-letters')
export class DeadLetterController {
  constructor(private readonly deadLetters: DeadLetterAdministration) {}

  @Get()
  list(@Query({ schema: deadLetterQuery }) query: BlockedKeyQuery): Promise<Page<BlockedKey>> {
    return this.deadLetters.list(query);
  }

  @Get(':id')
  find(@Param('id', { schema: deadLetterId }) id: string): Promise<DeadLetter> {
    return this.deadLetters.find(id);
  }

  @Post(':id/retry')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  retry(
    @Param('id', { schema: deadLetterId }) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.deadLetters.retry(id, { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/discard')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  discard(
    @Param('id', { schema: deadLetterId }) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.deadLetters.discard(id, { ...marks, reason, actor: actor.subject });
  }
}
