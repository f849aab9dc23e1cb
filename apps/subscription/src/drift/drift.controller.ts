import { documentation, type Page } from '@landfall/messaging';
import { DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { Get, Query, type Type } from '@nestjs/common';
import { DriftReader } from './drift.reader';
import { driftQuery, driftView, type DriftQuery, type DriftView } from './drift.view';

function describeDrifts(controller: Type): void {
  const { describe, describesPage } = documentation();
  describe(controller, {
    list: describesPage(
      'Where our record and Microsoft’s differed, since when, and how it was repaired or why not; the newest first',
      driftView,
    ),
  });
}

/** Where our record and Microsoft's differed. */
@DescribedBy(describeDrifts)
@ManagementController('drifts')
export class DriftController {
  constructor(private readonly drifts: DriftReader) {}

  @Get()
  @RequiresRole('landfall.read')
  list(@Query({ schema: driftQuery }) query: DriftQuery): Promise<Page<DriftView>> {
    return this.drifts.list(query);
  }
}
