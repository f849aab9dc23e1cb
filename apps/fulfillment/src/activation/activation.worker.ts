import { Controller, Logger } from '@nestjs/common';
import type { SubscriptionRead } from '@landfall/contracts';
import { MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { again, dead, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { backoffMs, type Backoff } from '../backoff';
import { config } from '../fulfillment.config';
import type { CallAttempt } from '../microsoft/call';
import { CallLedger } from '../microsoft/call.ledger';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { whyItFailed } from '../microsoft/microsoft.errors';
import { retryLater } from '../microsoft/retry-later';
import { overtakenBy } from '../observation/overtaken.domain';
import {
  activationShown,
  boughtBy,
  decideAfterRefusal,
  decideActivation,
  decideFollowing,
  untilActivatedAgainMs,
} from './activation.domain';
import { activateSubscription, followActivation } from './activation.job';

type ActivationJob = JobOf<typeof activateSubscription>;
type FollowJob = JobOf<typeof followActivation>;
type Refusal = MarketplaceRejected | MarketplaceNotFound;

const FOLLOW_BACKOFF: Backoff = { firstMs: 500, limitMs: 60_000 };
const WAIT_BACKOFF: Backoff = { firstMs: 1_000, limitMs: 60_000 };
const TOO_LATE = 'Microsoft showed no activation within the limit';

/** Activates subscriptions, once each: billing begins with it (contract 3.4). */
@Controller()
export class ActivationWorker {
  private readonly logger = new Logger(ActivationWorker.name);

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly ledger: CallLedger,
  ) {}

  /** Safe to repeat after a crash: the subscription is read first, and the ledger knows of a call whose answer nobody saw. */
  @Performs(activateSubscription)
  async activate(job: ActivationJob): Promise<JobOutcome> {
    if (job.payload.isFollowedInVain && !job.isRetried) return this.failed(job, TOO_LATE);
    try {
      const reading = await this.microsoft.subscription(job.payload, job);
      const attempts = await this.ledger.attemptsOf(job.id);
      const { status } = reading.snapshot;
      const decision = decideActivation({ status, attempts, isTooLate: this.isTooLate(job) });
      switch (decision) {
        case 'publish':
          return done(activationShown(reading), ...overtakenBy(reading));
        case 'call':
          return await this.call(job, reading, attempts);
        case 'follow':
          return done(followActivation(job.payload));
        case 'wait':
          return again({ afterMs: backoffMs(job.attempts, WAIT_BACKOFF) }, 'the subscription shows no activation yet');
        case 'fail':
          return this.failed(job, TOO_LATE);
      }
    } catch (error) {
      return this.isTooLate(job) ? this.failed(job, `${TOO_LATE}: ${whyItFailed(error).reason}`) : retryLater(error, job.attempts);
    }
  }

  /** Activate means received, not done (contract 3.4): only the subscription tells. Suspended and Unsubscribed are ends, too. */
  @Performs(followActivation)
  async follow(job: FollowJob): Promise<JobOutcome> {
    try {
      const reading = await this.microsoft.subscription(job.payload, job);
      const decision = decideFollowing(reading.snapshot.status, this.isTooLate(job));
      if (decision === 'publish') return done(activationShown(reading), ...overtakenBy(reading));
      if (decision === 'fail') return this.followedInVain(job);
      return again({ afterMs: backoffMs(job.attempts, FOLLOW_BACKOFF) }, 'Microsoft has received the activation and shows it pending');
    } catch (error) {
      return this.isTooLate(job) ? this.followedInVain(job) : retryLater(error, job.attempts);
    }
  }

  private async call(job: ActivationJob, { snapshot }: SubscriptionRead, earlier: readonly CallAttempt[]): Promise<JobOutcome> {
    const { subscriptionId } = job.payload;
    try {
      await this.microsoft.activate({ subscriptionId }, boughtBy(job.payload, snapshot), job);
    } catch (error) {
      if (!(error instanceof MarketplaceRejected) && !(error instanceof MarketplaceNotFound)) throw error;
      return this.afterRefusal(job, error, earlier);
    }
    return done(followActivation(job.payload));
  }

  private async afterRefusal(job: ActivationJob, refusal: Refusal, earlier: readonly CallAttempt[]): Promise<JobOutcome> {
    const { subscriptionId } = job.payload;
    const reading: SubscriptionRead = await this.microsoft.subscription({ subscriptionId }, job);
    const afterMs = untilActivatedAgainMs(earlier);
    const decision = decideAfterRefusal(reading.snapshot.status, this.isTooLate(job, afterMs));
    if (decision === 'publish') return done(activationShown(reading), ...overtakenBy(reading));
    const explanation = [refusal.message, refusal.microsoft?.code, refusal.microsoft?.message].filter(Boolean).join(': ');
    if (decision === 'fail') return this.failed(job, explanation);
    this.logger.warn(
      { subscriptionId, reason: explanation },
      'Microsoft refuses an activation and does not show the subscription as active: it is asked again',
    );
    return again({ afterMs }, explanation);
  }

  /** The limit counts from the job's own beginning, or its retry, also while Microsoft is away or refuses (rule 10). */
  private isTooLate({ ageMs }: ActivationJob | FollowJob, afterMs = 0): boolean {
    return ageMs + afterMs >= config.values.ACTIVATION_LIMIT;
  }

  /** An activation that has failed is one kind of dead job, whose retry sends Activate again. */
  private followedInVain({ payload }: FollowJob): JobOutcome {
    return done(activateSubscription({ ...payload, isFollowedInVain: true }));
  }

  private failed({ payload: { subscriptionId } }: ActivationJob, reason: string): JobOutcome {
    this.logger.error({ subscriptionId, reason }, 'a subscription could not be activated');
    return dead(reason);
  }
}
