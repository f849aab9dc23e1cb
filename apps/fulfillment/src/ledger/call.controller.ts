import { documentation, type Page } from '@landfall/messaging';
import { DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Get, Query, type Type } from '@nestjs/common';
import { CallReader } from './call.reader';
import { callQuery, callView, type CallQuery, type CallView } from './call.view';

function describeCalls(controller: Type): void {
  const { describe, describesPage } = documentation();
  describe(controller, {
    list: describesPage(
      'What Microsoft was asked about a subscription, in one course of events, or through a registration about none, and what it answered, the newest first',
      callView,
    ),
  });
}

/** What Microsoft was asked, and what it answered: with these ids its support finds the same calls. */
@DescribedBy(describeCalls)
@ManagementController('calls')
export class CallController {
  constructor(private readonly calls: CallReader) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: callQuery }) query: CallQuery): Promise<Page<CallView>> {
    return this.calls.list(query);
  }
}
