import { Controller, Logger } from '@nestjs/common';
import { activationFailed, subscriptionObserved } from '@landfall/contracts';
import { MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { again, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { config } from '../fulfillment.config';
import { CallLedger } from '../microsoft/call.ledger';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { whenAway } from '../microsoft/waiting';
import type { Reading } from '../operation/operation';
import { growingDelayMs } from '../pace';
import { isPending, mayHaveArrived, nextActivationStep, type ActivationAttempt } from './activation.domain';
import { activateSubscription, followActivation } from './activation.job';

type ActivationJob = JobOf<typeof activateSubscription>;
type AnyJob = ActivationJob | JobOf<typeof followActivation>;

const FOLLOW_PACE = { firstMs: 500, limitMs: 60_000 };
const WAIT_PACE = { firstMs: 1_000, limitMs: 60_000 };

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
      const reading = await this.microsoft.subscription(job.payload.subscriptionId, job);
      const attempts = await this.ledger.attemptsOf(job.id);
      switch (nextActivationStep(reading.snapshot.status, attempts, this.clock.realNow())) {
        case 'shown':
          return observed(reading);
        case 'follow':
          return done(followActivation({ subscriptionId: job.payload.subscriptionId }));
        case 'wait':
          return this.unlessTooLate(job, WAIT_PACE, 'the subscription shows no activation yet');
        case 'call':
          return this.isTooLate(job) ? this.tooLate(job) : await this.call(job, attempts);
      }
    } catch (error) {
      return this.unlessAwayTooLong(job, error);
    }
  }

  /** Activate means received, not done (contract 3.4): only the subscription tells. Suspended and Unsubscribed are ends, too. */
  @Performs(followActivation)
  async follow(job: JobOf<typeof followActivation>): Promise<JobOutcome> {
    try {
      const reading = await this.microsoft.subscription(job.payload.subscriptionId, job);
      if (!isPending(reading.snapshot.status)) return observed(reading);
      return this.unlessTooLate(job, FOLLOW_PACE, 'Microsoft has received the activation and shows it pending');
    } catch (error) {
      return this.unlessAwayTooLong(job, error);
    }
  }

  private async call(job: ActivationJob, earlier: readonly ActivationAttempt[]): Promise<JobOutcome> {
    const { subscriptionId, planId, quantity } = job.payload;
    try {
      await this.microsoft.activate(subscriptionId, { planId, quantity }, job);
    } catch (error) {
      if (error instanceof MarketplaceRejected || error instanceof MarketplaceNotFound) return this.afterRefusal(job, error, earlier);
      throw error;
    }
    return done(followActivation({ subscriptionId }));
  }

  /** 400 and 404 may mean that it is Subscribed, Suspended or Unsubscribed already (contract 3.4): what it shows decides. */
  private async afterRefusal(
    job: ActivationJob,
    refusal: MarketplaceRejected | MarketplaceNotFound,
    earlier: readonly ActivationAttempt[],
  ): Promise<JobOutcome> {
    const { subscriptionId } = job.payload;
    const reading = await this.microsoft.subscription(subscriptionId, job);
    if (!isPending(reading.snapshot.status)) return observed(reading);
    if (earlier.some(mayHaveArrived)) return done(followActivation({ subscriptionId })); // refused perhaps because of it
    const said = [refusal.microsoft?.code, refusal.microsoft?.message].filter(Boolean).join(': ');
    return this.failed(job, said ? `${refusal.message} ${said}` : refusal.message);
  }

  /** The limit counts from the job's own beginning, also while Microsoft is away (rule 10). */
  private unlessAwayTooLong(job: AnyJob, error: unknown): JobOutcome {
    const outcome = whenAway(error, job.attempts);
    return this.isTooLate(job) ? this.tooLate(job) : outcome;
  }

  private unlessTooLate(job: AnyJob, pace: typeof FOLLOW_PACE, reason: string): JobOutcome {
    return this.isTooLate(job) ? this.tooLate(job) : again({ afterMs: growingDelayMs(job.attempts, pace) }, reason);
  }

  private isTooLate({ createdAt }: AnyJob): boolean {
    return this.clock.now().getTime() - Date.parse(createdAt) >= config.values.ACTIVATION_LIMIT;
  }

  private tooLate(job: AnyJob): JobOutcome {
    return this.failed(job, 'Microsoft showed no activation within the limit');
  }

  private failed({ payload: { subscriptionId } }: AnyJob, reason: string): JobOutcome {
    this.logger.error({ subscriptionId, reason }, 'a subscription could not be activated');
    return done(activationFailed({ subscriptionId, reason, failedAt: this.clock.now().toISOString() }));
  }
}

const observed = ({ snapshot, readAt }: Reading): JobOutcome =>
  done(subscriptionObserved({ subscriptionId: snapshot.subscriptionId, snapshot, readAt, occasion: 'activation' }));
