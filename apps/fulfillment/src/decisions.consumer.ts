import { Controller } from '@nestjs/common';
import { operationDecided, subscriptionDecisions, type MessageOf } from '@landfall/contracts';
import { Consumes, type BatchOf } from '@landfall/messaging';
import { operationKey } from './operation/operation';
import { OperationRepository } from './operation/operation.repository';
import { decided } from './operation/settlement.domain';

/** The door from the subscription service: what it decided about Microsoft's operations. */
@Controller()
export class DecisionsConsumer {
  constructor(private readonly operations: OperationRepository) {}

  @Consumes(subscriptionDecisions)
  onDecisions(batch: BatchOf<typeof subscriptionDecisions>) {
    return batch.process(
      {
        key: ({ data }: MessageOf<typeof operationDecided>) => operationKey(data),
        load: (tx, keys) => this.operations.lock(tx, keys),
        decide: decided,
        save: (tx, changed) => this.operations.save(tx, changed),
      },
      { only: [operationDecided] },
    );
  }
}
