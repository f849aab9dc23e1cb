import { usage } from '@landfall/contracts';
import { Consumes, records, type RawRecord } from '@landfall/messaging';
import { Controller } from '@nestjs/common';
import type { Arrival } from './usage';
import { UsageIntake, type Settled } from './usage.intake';
import { countUsage } from './usage.metrics';

/** What products write to their topic. Nothing of it waits behind anything. */
@Controller()
export class UsageConsumer {
  constructor(private readonly intake: UsageIntake) {}

  @Consumes(usage)
  onUsage() {
    return records(usage, {
      take: async (tx, batch) => taken(await this.intake.settle(tx, batch.map(arrivalOf))),
      refuse: async (tx, record, reason) => taken(await this.intake.refuse(tx, arrivalOf(record), reason)),
    });
  }
}

const arrivalOf = ({ value, partition, offset }: RawRecord): Arrival => ({ bytes: value, place: { partition, offset } });

const taken = ({ verdicts, effects, late }: Settled) => ({ effects, committed: () => countUsage(verdicts, late) });
