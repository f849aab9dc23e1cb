import { Get, Query } from '@nestjs/common';
import { DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import { OperatorActRepository, type OperatorActQuery } from './operator-act.repository';
import type { RecordedAct } from './operator-act.view';
import type { Page } from '../page';
import { operatorActQuery } from '../requests';
import { documentation } from '../lazy.documentation';

@DescribedBy((controller) => documentation().describeOperatorActs(controller))
@RequiresRole('landfall.read')
@ManagementController('operator-acts')
export class OperatorActController {
  constructor(private readonly acts: OperatorActRepository) {}

  @Get()
  list(@Query({ schema: operatorActQuery }) query: OperatorActQuery): Promise<Page<RecordedAct>> {
    return this.acts.list(query);
  }
}
