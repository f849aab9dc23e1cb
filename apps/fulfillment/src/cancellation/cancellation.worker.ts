import { Controller, Logger } from '@nestjs/common';
import type { SubscriptionRead } from '@landfall/contracts';
import { MarketplaceConflict, MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
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
  cancellationAnnounced,
  cancellationShown,
  decideAfterRefusal,
  decideCancellation,
  decideFollowing,
  missedReason,
  untilCancelledAgainMs,
  type CancellationOperation,
} from './cancellation.domain';
import { cancelPurchase, failedCancellation, followCancellation } from './cancellation.job';

type CancelJob = JobOf<typeof cancelPurchase>;
type FollowJob = JobOf<typeof followCancellation>;
type Refusal = MarketplaceConflict | MarketplaceNotFound | MarketplaceRejected;

const FOLLOW_BACKOFF: Backoff = { firstMs: 500, limitMs: 60_000 };
const WAIT_BACKOFF: Backoff = { firstMs: 1_000, limitMs: 60_000 };
const TOO_LATE = 'Microsoft showed no cancellation within the limit';
const tooLateAfter = (error: unknown): string => `${TOO_LATE}: ${whyItFailed(error).reason}`;
const LOST = 'Microsoft took the cancellation and ended it without an effect';

/** Cancels rejected purchases while they are pending (contract 3.9). */
@Controller()
export class CancellationWorker {
  private readonly logger = new Logger(CancellationWorker.name);

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly ledger: CallLedger,
  ) {}

  /** Safe to repeat after a crash: the subscription is read first, and the ledger knows of a call whose answer nobody saw. */
  @Performs(cancelPurchase)
  async cancel(job: CancelJob): Promise<JobOutcome> {
    const { followedInVain } = job.payload;
    if (followedInVain && !job.isRetried) return this.failed(job, followedInVain);
    try {
      const reading = await this.microsoft.subscription(job.payload, job);
      const attempts = await this.ledger.attemptsOf(job.id);
      const { status } = reading.snapshot;
      switch (decideCancellation({ status, attempts, isTooLate: this.isTooLate(job) })) {
        case 'publish':
          return done(cancellationShown(reading), ...overtakenBy(reading));
        case 'miss':
          return this.missed(job, reading);
        case 'call':
          return await this.call(job, attempts);
        case 'follow':
          return done(this.following(job, null));
        case 'wait':
          return again({ afterMs: backoffMs(job.attempts, WAIT_BACKOFF) }, 'the subscription shows no cancellation yet');
        case 'fail':
          return this.failed(job, TOO_LATE);
      }
    } catch (error) {
      return this.isTooLate(job) ? this.failed(job, tooLateAfter(error)) : retryLater(error, job.attempts);
    }
  }

  /** DELETE means received, not cancelled (contract 3.9): only the subscription tells, and its operation where Microsoft ended that without an effect. */
  @Performs(followCancellation)
  async follow(job: FollowJob): Promise<JobOutcome> {
    try {
      const operation = await this.operationOf(job);
      const reading = await this.microsoft.subscription(job.payload, job);
      switch (decideFollowing(reading.snapshot.status, operation, this.isTooLate(job))) {
        case 'publish':
          return done(cancellationShown(reading), ...overtakenBy(reading));
        case 'miss':
          return this.missed(job, reading);
        case 'lost':
          return this.followedInVain(job, LOST);
        case 'fail':
          return this.followedInVain(job, TOO_LATE);
        case 'wait':
          return again(
            { afterMs: backoffMs(job.attempts, FOLLOW_BACKOFF) },
            'Microsoft has received the cancellation and does not show it',
          );
      }
    } catch (error) {
      return this.isTooLate(job) ? this.followedInVain(job, tooLateAfter(error)) : retryLater(error, job.attempts);
    }
  }

  private async call(job: CancelJob, earlier: readonly CallAttempt[]): Promise<JobOutcome> {
    const { subscriptionId } = job.payload;
    try {
      const operationId = await this.microsoft.cancel({ subscriptionId }, job);
      const announced = operationId === null ? [] : [cancellationAnnounced(subscriptionId, operationId)];
      return done(...announced, this.following(job, operationId));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.afterRefusal(job, error, earlier);
    }
  }

  private async afterRefusal(job: CancelJob, refusal: Refusal, earlier: readonly CallAttempt[]): Promise<JobOutcome> {
    const { subscriptionId } = job.payload;
    const reading = await this.microsoft.subscription({ subscriptionId }, job);
    const afterMs = untilCancelledAgainMs(earlier);
    const explanation = [refusal.message, refusal.microsoft?.code, refusal.microsoft?.message].filter(Boolean).join(': ');
    switch (decideAfterRefusal(reading.snapshot.status, this.isTooLate(job, afterMs))) {
      case 'publish':
        return done(cancellationShown(reading), ...overtakenBy(reading));
      case 'miss':
        return this.missed(job, reading);
      case 'fail':
        return this.failed(job, explanation);
      case 'wait':
        this.logger.warn({ subscriptionId, reason: explanation }, 'Microsoft refuses to cancel a pending purchase: it is asked again');
        return again({ afterMs }, explanation);
    }
  }

  private async operationOf(job: FollowJob): Promise<CancellationOperation> {
    const { subscriptionId, operationId } = job.payload;
    if (operationId === null) return 'unknown';
    const answer = await this.microsoft.operation({ subscriptionId, operationId }, job);
    if (answer.kind !== 'shown') return 'unknown';
    if (answer.status === 'Failed' || answer.status === 'Conflict') return 'failed';
    return answer.status === 'Succeeded' ? 'succeeded' : 'open';
  }

  private following({ payload: { subscriptionId, requestId } }: CancelJob, operationId: string | null) {
    return followCancellation({ subscriptionId, requestId, operationId });
  }

  /** The limit counts from the job's own beginning, or its retry, also while Microsoft is away or refuses (rule 10). */
  private isTooLate({ ageMs }: CancelJob | FollowJob, afterMs = 0): boolean {
    return ageMs + afterMs >= config.values.CANCELLATION_LIMIT;
  }

  /** Nothing to be retried: what was to be cancelled is not there any more. Said after what Microsoft shows, so that the reason is understood. */
  private missed({ payload }: CancelJob | FollowJob, reading: SubscriptionRead): JobOutcome {
    const reason = missedReason(reading.snapshot.status);
    this.logger.error({ subscriptionId: payload.subscriptionId, reason }, 'a rejected purchase could not be cancelled');
    return done(cancellationShown(reading), ...failedCancellation(payload, reason), ...overtakenBy(reading));
  }

  /** A cancellation that has failed is one kind of dead job, whose retry sends DELETE again. */
  private followedInVain({ payload: { subscriptionId, requestId } }: FollowJob, reason: string): JobOutcome {
    return done(cancelPurchase({ subscriptionId, requestId, followedInVain: reason }));
  }

  private failed({ payload: { subscriptionId } }: CancelJob, reason: string): JobOutcome {
    this.logger.error({ subscriptionId, reason }, 'a rejected purchase could not be cancelled');
    return dead(reason);
  }
}

const isRefusal = (error: unknown): error is Refusal =>
  error instanceof MarketplaceRejected || error instanceof MarketplaceNotFound || error instanceof MarketplaceConflict;
