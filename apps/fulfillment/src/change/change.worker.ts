import { Controller, Logger } from '@nestjs/common';
import type { RequestOutcome } from '@landfall/contracts';
import { MarketplaceConflict, MarketplaceNotFound, MarketplaceRejected } from '@landfall/marketplace-client';
import { again, done, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { config } from '../fulfillment.config';
import type { CallAttempt } from '../microsoft/call';
import { CallLedger } from '../microsoft/call.ledger';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { whyItFailed, type Why } from '../microsoft/microsoft.errors';
import { retryLater } from '../microsoft/retry-later';
import { overtakenBy } from '../observation/overtaken.domain';
import { OperationRepository } from '../operation/operation.repository';
import {
  decideAfterRefusal,
  decideChange,
  notAsked,
  operationOfRequest,
  requestShown,
  untilAskedAgainMs,
  untilLookedAgainMs,
  type Refusal,
} from './change.domain';
import { askForChange, failedChange } from './change.job';

type ChangeJob = JobOf<typeof askForChange>;

/** Asks Microsoft for what was requested on our side (contract 3.8, 3.9). What becomes of it is followed as the operation that Microsoft names. */
@Controller()
export class ChangeWorker {
  private readonly logger = new Logger(ChangeWorker.name);

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly ledger: CallLedger,
    private readonly operations: OperationRepository,
  ) {}

  /** Safe to repeat after a crash: Microsoft is read first, and the ledger knows of a call whose answer nobody saw (rule 9). */
  @Performs(askForChange)
  async ask(job: ChangeJob): Promise<JobOutcome> {
    const { payload } = job;
    const attempts = await this.ledger.attemptsOf(job.id);
    try {
      const [read, { operations: outstanding, registration }, followed] = await Promise.all([
        this.microsoft.subscription(payload, job),
        this.microsoft.outstanding(payload, job),
        this.operations.newestOf(payload),
      ]);
      const ages = { isTooLate: this.isTooLate(job), mayBeOld: job.ageMs < config.values.COPY_LAG };
      const decision = decideChange({ requested: payload, read, outstanding, followed, attempts, ...ages });
      switch (decision.next) {
        case 'publish':
          return done(requestShown(read, decision.occasion), ...overtakenBy(read));
        case 'shown':
          return done(
            requestShown(read, decision.occasion),
            failedChange(payload, 'unconfirmed', { reason: decision.occasion === 'found' ? ANOTHERS : NAMELESS, code: null }),
            ...overtakenBy(read),
          );
        case 'found':
          return done(requestShown(read, 'found'), failedChange(payload, 'failed', { reason: FOUND, code: null }), ...overtakenBy(read));
        case 'follow':
          return done(...operationOfRequest(payload, { ...decision.operation, registration }));
        case 'call':
          return await this.call(job, attempts);
        case 'wait':
          return again({ afterMs: untilLookedAgainMs(job.attempts) }, decision.reason);
        case 'fail':
          return this.failed(job, decision.outcome, { reason: decision.reason, code: null });
      }
    } catch (error) {
      if (!this.isTooLate(job)) return retryLater(error, job.attempts);
      const why = whyItFailed(error);
      const { outcome, reason } = notAsked(await this.ledger.attemptsOf(job.id), why.reason);
      return this.failed(job, outcome, { reason, code: why.code }, error);
    }
  }

  /** 202 means received, not done: nothing is changed by it. */
  private async call(job: ChangeJob, earlier: readonly CallAttempt[]): Promise<JobOutcome> {
    try {
      const { operationId, registration } = await this.microsoft.request(job.payload, job);
      if (operationId !== null) return done(...operationOfRequest(job.payload, { operationId, registration }));
      return again({ afterMs: untilLookedAgainMs(1) }, 'Microsoft has received it, and did not name its operation');
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.afterRefusal(job, error, earlier);
    }
  }

  private afterRefusal(job: ChangeJob, refusal: Refusal, earlier: readonly CallAttempt[]): JobOutcome {
    const afterMs = untilAskedAgainMs(earlier);
    const decision = decideAfterRefusal(refusal, earlier, this.isTooLate(job, afterMs));
    if (decision.next === 'fail') {
      return this.failed(job, decision.outcome, { reason: decision.reason, code: refusal.microsoft?.code ?? null });
    }
    return again({ afterMs }, decision.reason);
  }

  /** The limit counts from the request, also while Microsoft is away or locks the subscription (rule 10). */
  private isTooLate({ ageMs, payload: { action } }: ChangeJob, afterMs = 0): boolean {
    const { CANCELLATION_LIMIT, CHANGE_LIMIT } = config.values;
    return ageMs + afterMs >= (action === 'Unsubscribe' ? CANCELLATION_LIMIT : CHANGE_LIMIT);
  }

  private failed({ payload }: ChangeJob, outcome: RequestOutcome, why: Why, error?: unknown): JobOutcome {
    const { subscriptionId, requestId, action } = payload;
    const told = { subscriptionId, requestId, action, outcome, reason: why.reason, ...(error !== undefined && { err: error }) };
    this.logger.error(told, 'a requested change did not come true');
    return done(failedChange(payload, outcome, why));
  }
}

/** Where a call took effect, and neither its answer nor a list named its operation. The record says first whether it takes what is shown. */
const NAMELESS = 'Microsoft never named its operation; the record shows whether it took effect';

const ANOTHERS =
  'Microsoft never named its operation, and another one for the same was under way: the record shows what the subscription has';

const FOUND = 'Microsoft shows that the subscription has it already, so it was not asked for';

const isRefusal = (error: unknown): error is MarketplaceConflict | MarketplaceNotFound | MarketplaceRejected =>
  error instanceof MarketplaceRejected || error instanceof MarketplaceNotFound || error instanceof MarketplaceConflict;
