import { Controller } from '@nestjs/common';
import { operationDecided, subscriptionDecisions } from '@landfall/contracts';
import { Consumes, stagesForSome } from '@landfall/messaging';
import { operationKey } from './operation/operation';
import { OperationRepository } from './operation/operation.repository';
import { decided } from './operation/settlement.domain';

/** What the subscription service decided about Microsoft's operations. */
@Controller()
export class DecisionsConsumer {
  constructor(private readonly operations: OperationRepository) {}

  @Consumes(subscriptionDecisions)
  onDecisions() {
    return stagesForSome(subscriptionDecisions, {
      key: (message) => (message.type === operationDecided.type ? operationKey(message.data) : message.key),
      load: (tx, keys) => this.operations.lock(tx, keys),
      decide: { [operationDecided.type]: decided },
      save: (tx, changed) => this.operations.save(tx, changed),
    });
  }
}
