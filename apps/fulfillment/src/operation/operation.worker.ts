import { Controller, Logger } from '@nestjs/common';
import { MarketplaceError } from '@landfall/marketplace-client';
import { done, endsOn, Performs, type EndOn, type JobOf, type JobOutcome } from '@landfall/messaging';
import { LONGEST_RETRY_AFTER_MS } from '../microsoft/retry-later';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { MicrosoftAway } from '../microsoft/microsoft.errors';
import { unendedOperations } from '../microsoft/microsoft.metrics';
import { OtherRegistration } from '../registration/registration.errors';
import { tellOtherRegistration } from '../registration/registration.metrics';
import { dueAtOnce, takenUpAgain, type Acknowledgement } from './acknowledgement.domain';
import { newOperation, operationKey, type Operation } from './operation';
import { followOperation } from './operation.job';
import { OperationLooks } from './operation.looks';
import { OperationRepository } from './operation.repository';
import { dueAfter, endMisdirected, endOfRun, isReadSpared, type FollowRun, type Sent, type Sighted } from './run.domain';

type FollowJob = JobOf<typeof followOperation>;

/** Looks at Microsoft's operations until they end, and acknowledges them as they were decided. */
@Controller()
export class OperationWorker {
  private readonly logger = new Logger(OperationWorker.name);

  constructor(
    private readonly looks: OperationLooks,
    private readonly microsoft: MicrosoftClient,
    private readonly operations: OperationRepository,
  ) {}

  /**
   * Safe to repeat after a crash: it reads before it acts (rule 9), and what a run did and saw is recorded and published in one transaction, with those of all other
   * runs that end at that moment.
   */
  @Performs(followOperation)
  async follow(job: FollowJob): Promise<JobOutcome> {
    const [found, listed] = [await this.operations.find(job.payload), listedBy(job)];
    const operation = found ? takenUpAgain(found, listed) : listed;
    if (!operation || operation.settled) return done();
    const atOnce = found && job.attempts === 1 ? dueAtOnce(found) : null; // a second run may come after one that was cut off behind its call
    const sentAtOnce = atOnce && (await this.send(job, operation, atOnce));
    const run: FollowRun = { operation, listed, sentAtOnce, seen: null, sentAfterwards: null };
    if (sentAtOnce && sentAtOnce.answer !== 'over') return this.ending(operation, (known) => endOfRun(run, known));
    const seen = await this.sight(operation, job, isReadSpared(operation, sentAtOnce));
    if (seen instanceof OtherRegistration) return this.misdirected(operation, listed, seen);
    const looked = { ...run, seen };
    const due = dueAfter(looked);
    const sentAfterwards = due && (await this.send(job, operation, due));
    return this.ending(operation, (known) => endOfRun({ ...looked, sentAfterwards }, known));
  }

  private async sight(operation: Operation, job: FollowJob, sparesRead: boolean): Promise<Sighted | OtherRegistration> {
    const seen = await this.looks.again(operation, job, sparesRead).catch((error: unknown) => otherRegistrationOr(error));
    return seen instanceof OtherRegistration ? seen : { ...seen, retryAfterMs: Math.min(seen.retryAfterMs, LONGEST_RETRY_AFTER_MS) };
  }

  /** Its webhook came before Microsoft showed the subscription, which turned out to be another registration's. */
  private misdirected(operation: Operation, listed: Operation | null, error: OtherRegistration): JobOutcome {
    tellOtherRegistration(this.logger, 'webhook', error);
    return this.ending(operation, (known) => endMisdirected(operation, listed, error.registration, known));
  }

  private async send(job: FollowJob, operation: Operation, acknowledgement: Acknowledgement): Promise<Sent> {
    try {
      return { acknowledgement, answer: await this.microsoft.acknowledge(operation, acknowledgement, job), retryAfterMs: 0 };
    } catch (error) {
      if (error instanceof MarketplaceError) return { acknowledgement, answer: 'unknown', retryAfterMs: 0 };
      if (!(error instanceof MicrosoftAway)) throw error;
      const retryAfterMs = Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
      return { acknowledgement, answer: error.isUndone ? 'not-taken' : 'unknown', retryAfterMs };
    }
  }

  private ending(operation: Operation, decide: (known: Operation | undefined) => EndOn<Operation>): JobOutcome {
    return endsOn(this.operations.ofRuns, operationKey(operation), (known: Operation | undefined) => {
      const end = decide(known);
      return { ...end, recorded: () => end.state && this.tellEnd(end.state) };
    });
  }

  /** An operation that Microsoft shows no end of is counted; one that was open needs somebody's eye. */
  private tellEnd({ settled, subscriptionId, operationId, action }: Operation): void {
    if (settled !== 'Vanished' && settled !== 'Stuck' && settled !== 'Invisible') return;
    unendedOperations.inc({ settled });
    if (settled === 'Invisible') return; // its subscription was read, and nobody needs to look
    this.logger.error({ subscriptionId, operationId, action, outcome: settled }, meaningOf[settled]);
  }
}

const meaningOf = {
  Vanished: 'Microsoft does not show an operation any more that was open: what the subscription shows counts; compare it in Partner Center',
  Stuck: 'an operation stays open at Microsoft beyond its limit: what the subscription shows counts; ask Microsoft’s support with its ids',
};

/** An operation that Microsoft listed as outstanding, and whose webhook has not come. */
function listedBy({ payload: { listed, ...reference } }: FollowJob): Operation | null {
  return listed ? newOperation({ ...reference, ...listed, isUnnamed: false }) : null;
}

function otherRegistrationOr(error: unknown): OtherRegistration {
  if (error instanceof OtherRegistration) return error;
  throw error;
}
