import { MarketplaceError } from '@landfall/marketplace-client';
import { again, dead, done, Performs, type Effect, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Controller, Logger } from '@nestjs/common';
import { MicrosoftClient } from '../../microsoft/microsoft.client';
import { SubscriptionNotShown, whyItFailed } from '../../microsoft/microsoft.errors';
import { retryLater } from '../../microsoft/retry-later';
import { overtakenBy } from '../../observation/overtaken.domain';
import { MeteringClient } from '../metering.client';
import { isGivenUp, planAsRead, readForUsage, untilAskedAgainMs } from './reading.outcomes';
import { checkRecord, readPlanOf } from './reading.job';

/** Reads what billing wants to know of a plan, and of a subscription. */
@Controller()
export class ReadingWorker {
  private readonly logger = new Logger('Usage');

  constructor(
    private readonly metering: MeteringClient,
    private readonly microsoft: MicrosoftClient,
  ) {}

  /** Read by the filter on the plan, by which alone Microsoft names private offers (contract 3.7). */
  @Performs(readPlanOf)
  readPlan(job: JobOf<typeof readPlanOf>): Promise<JobOutcome> {
    const { subscriptionId, planId } = job.payload;
    return this.untilAnswered(job, async () => [planAsRead(job.payload, await this.metering.plan(subscriptionId, planId, job))]);
  }

  @Performs(checkRecord)
  checkSubscription(job: JobOf<typeof checkRecord>): Promise<JobOutcome> {
    const { subscriptionId } = job.payload;
    return this.untilAnswered(job, async () => {
      const read = await this.microsoft.subscription({ subscriptionId }, job, { purpose: 'metering' });
      return [readForUsage(subscriptionId, read), ...overtakenBy(read)];
    });
  }

  /** A refusal is no failure of the job: copies lag, and somebody may be letting us in again. After its limit it is dead, and seen. */
  private async untilAnswered(job: JobOf<typeof readPlanOf | typeof checkRecord>, ask: () => Promise<Effect[]>): Promise<JobOutcome> {
    const { kind, payload, attempts, ageMs } = job;
    try {
      return done(...(await ask()));
    } catch (error) {
      if (isGivenUp(ageMs)) {
        const { reason } = whyItFailed(error);
        this.logger.error({ err: error, kind, ...payload }, 'what billing needs was not read for three days, and is asked for no more');
        return dead(`not answered for three days: ${reason}`);
      }
      const isRefusal = error instanceof MarketplaceError || error instanceof SubscriptionNotShown;
      return isRefusal ? again({ afterMs: untilAskedAgainMs(attempts) }, error.message) : retryLater(error, attempts);
    }
  }
}
