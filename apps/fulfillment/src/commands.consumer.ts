import { Controller } from '@nestjs/common';
import { activate, fulfillmentCommands, type MessageOf } from '@landfall/contracts';
import { changed, Consumes, stages } from '@landfall/messaging';
import { activateSubscription } from './activation/activation.job';

/** What others want done at Microsoft. Nothing is decided here: each command becomes a job. */
@Controller()
export class CommandsConsumer {
  @Consumes(fulfillmentCommands)
  onCommands() {
    return stages(fulfillmentCommands, {
      decide: {
        [activate.type]: (_state: undefined, { data: { subscriptionId, planId, quantity } }: MessageOf<typeof activate>) =>
          changed(undefined, activateSubscription({ subscriptionId, planId, quantity })),
      },
    });
  }
}
