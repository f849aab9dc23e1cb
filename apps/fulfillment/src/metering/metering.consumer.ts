import { checkSubscription, meteringCommands, readPlan, readUsage, reportUsage } from '@landfall/contracts';
import { Consumes, stages } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { orderCheck, orderPlan } from './reading/reading.outcomes';
import { orderRecorded } from './recorded/recorded.parts';
import { orderReport } from './report/batch.domain';
import { BatchRepository } from './report/batch.repository';

/** What billing wants done at Microsoft about usage. Each command stands by itself: none waits for another. */
@Controller()
export class MeteringConsumer {
  constructor(private readonly batches: BatchRepository) {}

  @Consumes(meteringCommands)
  onMeteringCommands() {
    return stages(meteringCommands, {
      bypassesBlock: () => true,
      load: (tx, keys) => this.batches.lock(tx, keys), // the others have no state, and find none
      decide: {
        [reportUsage.type]: orderReport,
        [readPlan.type]: orderPlan,
        [checkSubscription.type]: orderCheck,
        [readUsage.type]: orderRecorded,
      },
      save: (tx, batches) => this.batches.save(tx, batches),
    });
  }
}
