import { subscriptionSnapshot, subscriptionSnapshots } from '@landfall/contracts';
import { Consumes, stages } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import { keepRecorded } from './comparison.domain';
import { ObservationRepository } from './observation.repository';

/** What the record says, for sweeps to compare with: never what was seen or handed over last. */
@Controller()
export class ReconciliationConsumer {
  constructor(private readonly observations: ObservationRepository) {}

  @Consumes(subscriptionSnapshots)
  onSnapshots() {
    return stages(subscriptionSnapshots, {
      isKnownByState: () => true, // by its version
      mayWait: ({ data }) => data.version > 1 && data.status !== 'Unsubscribed', // of what is new or has ended a sweep that is under way might ask an operator
      load: (tx, ids) => this.observations.lock(tx, ids),
      decide: { [subscriptionSnapshot.type]: keepRecorded },
      save: (tx, observations) => this.observations.save(tx, observations),
    });
  }
}
