import { Body, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { Actor, DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { JobAdministration, type JobQuery } from './job.administration';
import type { StoredJob } from './job.view';
import type { RecordedAct } from '../act/operator-act.view';
import type { Page } from '../page';
import { actRequest, jobId, jobQuery, Marks, type ActRequest, type RequestMarks } from '../requests';
import { documentation } from '../lazy.documentation';

@DescribedBy((controller) => documentation().describeJobs(controller))
@RequiresRole('landfall.read')
@ManagementController('jobs')
export class JobController {
  constructor(private readonly jobs: JobAdministration) {}

  @Get()
  list(@Query({ schema: jobQuery }) query: JobQuery): Promise<Page<StoredJob>> {
    return this.jobs.list(query);
  }

  @Get(':id')
  find(@Param('id', { schema: jobId }) id: string): Promise<StoredJob> {
    return this.jobs.find(id);
  }

  @Post(':id/retry')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  retry(
    @Param('id', { schema: jobId }) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.jobs.retry(id, { ...marks, reason, actor: actor.subject });
  }

  @Post(':id/discard')
  @RequiresRole('landfall.operate')
  @HttpCode(HttpStatus.OK)
  discard(
    @Param('id', { schema: jobId }) id: string,
    @Body({ schema: actRequest }) { reason }: ActRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.jobs.discard(id, { ...marks, reason, actor: actor.subject });
  }
}
