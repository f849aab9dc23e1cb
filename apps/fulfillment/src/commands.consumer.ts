import { Controller } from '@nestjs/common';
import { fulfillmentCommands } from '@landfall/contracts';
import { changed, Consumes, type BatchOf } from '@landfall/messaging';
import { activateSubscription } from './activation/activation.job';

/** The door for what others want done at Microsoft. Nothing is decided here: each command becomes a job. */
@Controller()
export class CommandsConsumer {
  @Consumes(fulfillmentCommands)
  onCommands(batch: BatchOf<typeof fulfillmentCommands>) {
    return batch.process({
      decide: (_state, { data: { subscriptionId, planId, quantity } }) =>
        changed(undefined, activateSubscription({ subscriptionId, planId, quantity })),
    });
  }
}
