import type { Page } from '@landfall/messaging';
import { ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Get, Query } from '@nestjs/common';
import { CallReader } from './call.reader';
import { callQuery, type CallQuery, type CallView } from './call.view';

/** What Microsoft was asked about a subscription, and what it answered: with these ids its support finds the same calls. */
@ManagementController('calls')
export class CallController {
  constructor(private readonly calls: CallReader) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: callQuery }) query: CallQuery): Promise<Page<CallView>> {
    return this.calls.list(query);
  }
}
