import { Controller, Logger } from '@nestjs/common';
import { again, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { incompleteReads } from '../microsoft/microsoft.metrics';
import { retryLater } from '../microsoft/retry-later';
import { isTooLate, missingOf, readAsOrdered, untilReadAgainMs } from './observation.domain';
import { orderedRead } from './observation.job';

/** Reads subscriptions as the subscription service orders it, also those that have ended. */
@Controller()
export class ReadWorker {
  private readonly logger = new Logger(ReadWorker.name);

  constructor(private readonly microsoft: MicrosoftClient) {}

  /** Repeated until it is answered with all that was wanted. A read may always be made again. */
  @Performs(orderedRead)
  async read(job: JobOf<typeof orderedRead>): Promise<JobOutcome> {
    const { subscriptionId, order } = job.payload;
    try {
      const read = await this.microsoft.subscription(subscriptionId, job);
      const missing = missingOf(job.payload, read);
      if (missing.length === 0) return done(readAsOrdered(job.payload, read));
      if (!isTooLate(job.payload, job.ageMs))
        return again({ afterMs: untilReadAgainMs(job.attempts) }, `Microsoft left out ${missing.join(', ')}`);
      incompleteReads.inc();
      this.logger.warn(
        { subscriptionId, order, missing },
        'Microsoft left out what was wanted until the limit: the read is published without it',
      );
      return done(readAsOrdered(job.payload, read));
    } catch (error) {
      return retryLater(error, job.attempts);
    }
  }
}
