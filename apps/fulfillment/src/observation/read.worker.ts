import { Controller, Logger } from '@nestjs/common';
import { MarketplaceError } from '@landfall/marketplace-client';
import { again, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { ContactEncryption } from '../contact/contact.encryption';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { SubscriptionNotShown } from '../microsoft/microsoft.errors';
import { incompleteReads, readsGivenUp, unansweredReads } from '../microsoft/microsoft.metrics';
import { retryLater } from '../microsoft/retry-later';
import { settledBefore } from '../operation/look.domain';
import { OperationRepository } from '../operation/operation.repository';
import {
  isFirst,
  isGivenUp,
  isImport,
  isTooLate,
  missingOf,
  readAsOrdered,
  untilAskedAgainMs,
  untilReadAgainMs,
} from './observation.domain';
import { orderedRead } from './observation.job';
import { overtakenBy } from './overtaken.domain';

/** Reads subscriptions as the subscription service orders it, also those that have ended. */
@Controller()
export class ReadWorker {
  private readonly logger = new Logger(ReadWorker.name);

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly contacts: ContactEncryption,
    private readonly operations: OperationRepository,
  ) {}

  /**
   * Repeated until it is answered with all that was wanted; what is never said is done without after ten minutes. A read that is not answered and
   * closes something is never given up, since that would be shut for ever (rule 2); one that closes nothing, after a day of no such subscription.
   */
  @Performs(orderedRead)
  async read(job: JobOf<typeof orderedRead>): Promise<JobOutcome> {
    const { subscriptionId, order } = job.payload;
    try {
      const { read, contacts } = await this.microsoft.subscriptionWithContacts({ subscriptionId }, job);
      const encryptedContacts = isFirst(job.payload) ? await this.contacts.encrypt(contacts) : null;
      const missing = missingOf(job.payload, read);
      if (missing.length > 0) {
        if (!isTooLate(job.payload, job.ageMs))
          return again({ afterMs: untilReadAgainMs(job.attempts) }, `Microsoft left out ${missing.join(', ')}`);
        incompleteReads.inc();
        this.logger.warn(
          { subscriptionId, order, missing },
          'Microsoft left out what was wanted for ten minutes: the read is published without it',
        );
      }
      const ended = isImport(job.payload) ? await this.operations.endedOf(subscriptionId) : [];
      return done(readAsOrdered(job.payload, read, encryptedContacts), ...ended.flatMap(settledBefore), ...overtakenBy(read));
    } catch (error) {
      return error instanceof MarketplaceError || error instanceof SubscriptionNotShown
        ? this.refused(job, error)
        : retryLater(error, job.attempts);
    }
  }

  /** Microsoft has answered, but not with the subscription. That is no failure of the job: a job that dies would answer nobody. */
  private refused({ payload, attempts, ageMs }: JobOf<typeof orderedRead>, error: Error): JobOutcome {
    const { subscriptionId, order } = payload;
    if (error instanceof SubscriptionNotShown && isGivenUp(payload, ageMs)) {
      readsGivenUp.inc();
      this.logger.error(
        { err: error, subscriptionId, order },
        'Microsoft has shown no such subscription for a day: the read is given up, and what it was to bring is not on record. ' +
          'If Partner Center shows the subscription, ask Microsoft; a new webhook or customer orders it again',
      );
      return done();
    }
    if (isTooLate(payload, ageMs)) {
      unansweredReads.inc();
      this.logger.error(
        { err: error, subscriptionId, order },
        'Microsoft has not shown a subscription for ten minutes: what changed last can’t be confirmed. Asking goes on; see Partner Center',
      );
    }
    return again({ afterMs: untilAskedAgainMs(attempts) }, error.message);
  }
}
