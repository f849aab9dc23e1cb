import { Controller, Logger } from '@nestjs/common';
import { activationFailed, type SubscriptionRead } from '@landfall/contracts';
import { MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { again, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { backoffMs, type Backoff } from '../backoff';
import { config } from '../fulfillment.config';
import type { CallAttempt } from '../microsoft/call';
import { CallLedger } from '../microsoft/call.ledger';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { retryLater } from '../microsoft/retry-later';
import { activationShown, boughtBy, decideAfterRefusal, decideActivation, decideFollowing } from './activation.domain';
import { activateSubscription, followActivation } from './activation.job';

type ActivationJob = JobOf<typeof activateSubscription>;
type FollowJob = JobOf<typeof followActivation>;
type AnyJob = ActivationJob | FollowJob;
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
    private readonly clock: Clock,
  ) {}

  /** Safe to repeat after a crash: the subscription is read first, and the ledger knows of a call whose answer nobody saw. */
  @Performs(activateSubscription)
  async activate(job: ActivationJob): Promise<JobOutcome> {
    try {
      const reading = await this.microsoft.subscription(job.payload, job);
      const attempts = await this.ledger.attemptsOf(job.id);
      const { status } = reading.snapshot;
      const decision = decideActivation({ status, attempts, isTooLate: this.isTooLate(job) });
      switch (decision) {
        case 'publish':
          return done(activationShown(reading));
        case 'call':
          return await this.call(job, reading, attempts);
        case 'follow':
          return done(followActivation({ subscriptionId: job.payload.subscriptionId }));
        case 'wait':
          return again({ afterMs: backoffMs(job.attempts, WAIT_BACKOFF) }, 'the subscription shows no activation yet');
        case 'fail':
          return this.failed(job, TOO_LATE);
      }
    } catch (error) {
      return this.retryUnlessTooLate(job, error);
    }
  }

  /** Activate means received, not done (contract 3.4): only the subscription tells. Suspended and Unsubscribed are ends, too. */
  @Performs(followActivation)
  async follow(job: FollowJob): Promise<JobOutcome> {
    try {
      const reading = await this.microsoft.subscription(job.payload, job);
      const decision = decideFollowing(reading.snapshot.status, this.isTooLate(job));
      if (decision === 'publish') return done(activationShown(reading));
      if (decision === 'fail') return this.failed(job, TOO_LATE);
      return again({ afterMs: backoffMs(job.attempts, FOLLOW_BACKOFF) }, 'Microsoft has received the activation and shows it pending');
    } catch (error) {
      return this.retryUnlessTooLate(job, error);
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
    return done(followActivation({ subscriptionId }));
  }

  private async afterRefusal(job: ActivationJob, refusal: Refusal, earlier: readonly CallAttempt[]): Promise<JobOutcome> {
    const { subscriptionId } = job.payload;
    const reading: SubscriptionRead = await this.microsoft.subscription({ subscriptionId }, job);
    const decision = decideAfterRefusal(reading.snapshot.status, earlier);
    if (decision === 'publish') return done(activationShown(reading));
    if (decision === 'follow') return done(followActivation({ subscriptionId }));
    if (decision === 'wait')
      return again({ afterMs: backoffMs(job.attempts, WAIT_BACKOFF) }, 'Microsoft refused, and did not say what the status is');
    const explanation = [refusal.microsoft?.code, refusal.microsoft?.message].filter(Boolean).join(': ');
    return this.failed(job, explanation ? `${refusal.message} ${explanation}` : refusal.message);
  }

  /** The limit counts from the job's own beginning, also while Microsoft is away or refuses (rule 10). */
  private retryUnlessTooLate(job: AnyJob, error: unknown): JobOutcome {
    return this.isTooLate(job) ? this.failed(job, TOO_LATE) : retryLater(error, job.attempts);
  }

  private isTooLate({ ageMs }: AnyJob): boolean {
    return ageMs >= config.values.ACTIVATION_LIMIT;
  }

  private failed({ payload: { subscriptionId } }: AnyJob, reason: string): JobOutcome {
    this.logger.error({ subscriptionId, reason }, 'a subscription could not be activated');
    return done(activationFailed({ subscriptionId, reason, failedAt: this.clock.now().toISOString() }));
  }
}
