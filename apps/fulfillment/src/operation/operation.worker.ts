import { Controller, Logger } from '@nestjs/common';
import { MarketplaceError } from '@landfall/marketplace-client';
import { again, changed, done, ignored, Performs, UnitOfWork, type JobOf, type JobOutcome, type Outcome } from '@landfall/messaging';
import { LONGEST_RETRY_AFTER_MS } from '../microsoft/retry-later';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { MicrosoftAway } from '../microsoft/microsoft.errors';
import { unendedOperations } from '../microsoft/microsoft.metrics';
import { acknowledged, dueAtOnce, takenUpAgain, type Acknowledgement, type AcknowledgementAnswer } from './acknowledgement.domain';
import { overtakenBy } from '../observation/overtaken.domain';
import { OtherRegistration } from '../registration/registration.errors';
import { tellOtherRegistration } from '../registration/registration.metrics';
import { firstLook, look, settled, type Looked } from './look.domain';
import { newOperation, operationKey, type Operation } from './operation';
import { followOperation } from './operation.job';
import { OperationLooks } from './operation.looks';
import { OperationRepository } from './operation.repository';
import { lookForUnnamed } from './webhook.domain';

type FollowJob = JobOf<typeof followOperation>;

/** Looks at Microsoft's operations until they end, and acknowledges them as they were decided. */
@Controller()
export class OperationWorker {
  private readonly logger = new Logger(OperationWorker.name);

  constructor(
    private readonly looks: OperationLooks,
    private readonly microsoft: MicrosoftClient,
    private readonly operations: OperationRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Safe to repeat after a crash: it reads before it acts (rule 9), and what a look leads to is published in one transaction with its record. */
  @Performs(followOperation)
  async follow(job: FollowJob): Promise<JobOutcome> {
    const [found, listed] = [await this.operations.find(job.payload), listedBy(job)];
    const operation = found ? takenUpAgain(found, listed) : listed;
    if (!operation || operation.settled) return done();
    const atOnce = found && job.attempts === 1 ? dueAtOnce(found) : null; // a second run may come after one that was cut off behind its call
    if (atOnce === null) return this.look(job, operation);
    const { answer, outcome } = await this.acknowledge(job, operation, atOnce);
    const known = answer === 'over' ? await this.operations.find(job.payload) : null;
    return known ? this.look(job, known) : outcome;
  }

  private async look(job: FollowJob, operation: Operation): Promise<JobOutcome> {
    const seen = await this.looks.again(operation, job).catch((error: unknown) => otherRegistrationOr(error));
    if (seen instanceof OtherRegistration) return this.endMisdirected(job, operation, seen);
    const lookAt = (aged: Operation | undefined): Looked => {
      if (!aged) return firstLook(operation, seen, seen.pace);
      return aged.isUnnamed ? lookForUnnamed(aged, seen, seen.pace) : look(aged, seen, seen.pace);
    };
    const looked = await this.saved(job, 'look', operation, (known) => {
      const aged = known && withAgesOf(operation, known);
      const looked = lookAt(aged);
      return { ...looked, effects: [...looked.effects, ...overtakenBy(seen.read)] };
    });
    if (!looked) return done();
    if (looked.acknowledge) return (await this.acknowledge(job, looked.operation, looked.acknowledge)).outcome;
    if (looked.againAfterMs === null) return done();
    const askedMs = Math.min(seen.retryAfterMs, LONGEST_RETRY_AFTER_MS);
    return again({ afterMs: Math.max(looked.againAfterMs, askedMs) }, reasonOf(looked.operation));
  }

  /** Its webhook came before Microsoft showed the subscription, which turned out to be another registration's: it is looked at no more. */
  private async endMisdirected(job: FollowJob, operation: Operation, error: OtherRegistration): Promise<JobOutcome> {
    tellOtherRegistration(this.logger, 'webhook', error);
    await this.saved(
      job,
      'look',
      operation,
      (known = operation) =>
        known.registration === error.registration
          ? settled(known, known.status === null ? 'Invisible' : 'Vanished', null)
          : { operation: known, effects: [] }, // its own registration's webhook has come meanwhile, and asked for the next look
    );
    return done();
  }

  /** Whatever the answer is, only reading the operation again shows what holds. */
  private async acknowledge(job: FollowJob, operation: Operation, acknowledgement: Acknowledgement): Promise<Acknowledged> {
    const { answer, retryAfterMs } = await this.send(job, operation, acknowledgement);
    let againAfterMs = 0;
    await this.saved(job, 'acknowledgement', operation, (known) => {
      const recorded = acknowledged(known ?? operation, answer);
      againAfterMs = recorded.againAfterMs;
      return { operation: recorded.operation, effects: [] };
    });
    return { answer, outcome: again({ afterMs: Math.max(againAfterMs, retryAfterMs) }, `Microsoft was sent ${acknowledgement}`) };
  }

  private async send(job: FollowJob, operation: Operation, acknowledgement: Acknowledgement): Promise<Sent> {
    try {
      return { answer: await this.microsoft.acknowledge(operation, acknowledgement, job), retryAfterMs: 0 };
    } catch (error) {
      if (error instanceof MarketplaceError) return { answer: 'unknown', retryAfterMs: 0 };
      if (!(error instanceof MicrosoftAway)) throw error;
      const retryAfterMs = Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
      return { answer: error.isUndone ? 'not-taken' : 'unknown', retryAfterMs };
    }
  }

  /** Decides on the locked row and saves it. Undefined where the operation has ended meanwhile. */
  private async saved<R extends Pick<Looked, 'operation' | 'effects'>>(
    job: FollowJob,
    step: 'look' | 'acknowledgement',
    operation: Operation,
    decide: (known: Operation | undefined) => R,
  ): Promise<R | undefined> {
    const key = operationKey(operation);
    let decided: R | undefined;
    await this.unitOfWork.transaction<Operation>(key, {
      // each run has effects of its own: a cause stands for what it leads to once
      cause: { id: `${job.id}/${job.attempts}/${step}`, correlationId: job.correlationId, causationId: job.causationId },
      load: (tx) => this.operations.lock(tx, [key]),
      decide: (found): Outcome<Operation> => {
        const known = found && step === 'look' ? takenUpAgain(found, listedBy(job)) : found;
        decided = undefined;
        if (known?.settled) return ignored('this operation has ended');
        decided = decide(known);
        return changed(decided.operation, ...decided.effects);
      },
      save: (tx, operations) => this.operations.save(tx, operations),
    });
    if (decided) this.tellEnd(decided.operation);
    return decided;
  }

  /** An operation that Microsoft shows no end of is counted; one that was open needs somebody's eye. */
  private tellEnd({ settled, subscriptionId, operationId, action }: Operation): void {
    if (settled !== 'Vanished' && settled !== 'Stuck' && settled !== 'Invisible') return;
    unendedOperations.inc({ settled });
    if (settled === 'Invisible') return; // its subscription was read, and nobody needs to look
    this.logger.error({ subscriptionId, operationId, action, outcome: settled }, meaningOf[settled]);
  }
}

/** How an acknowledgement was answered, and when to look next where that is not done at once. */
interface Acknowledged {
  readonly answer: AcknowledgementAnswer;
  readonly outcome: JobOutcome;
}

/** How an acknowledgement was answered, and how long Microsoft, or our own breaker, asks to wait. */
interface Sent {
  readonly answer: AcknowledgementAnswer;
  readonly retryAfterMs: number;
}

const meaningOf = {
  Vanished: 'Microsoft does not show an operation any more that was open: what the subscription shows counts; compare it in Partner Center',
  Stuck: 'an operation stays open at Microsoft beyond its limit: what the subscription shows counts; ask Microsoft’s support with its ids',
};

/** The row as it is now with the ages from before the calls; what began while they were made has lasted no time. */
function withAgesOf({ ageMs, shownMs, goneMs }: Operation, known: Operation): Operation {
  const begun = (before: number | null, now: number | null) => (now === null ? null : (before ?? 0));
  return { ...known, ageMs, shownMs: begun(shownMs, known.shownMs), goneMs: begun(goneMs, known.goneMs) };
}

/** An operation that Microsoft listed as outstanding, and whose webhook has not come. */
function listedBy({ payload: { listed, ...reference } }: FollowJob): Operation | null {
  return listed ? newOperation({ ...reference, ...listed, isUnnamed: false }) : null;
}

function otherRegistrationOr(error: unknown): OtherRegistration {
  if (error instanceof OtherRegistration) return error;
  throw error;
}

function reasonOf({ status, goneMs }: Operation): string {
  if (status === null) return 'Microsoft does not show the operation';
  return goneMs === null ? `Microsoft shows the operation as ${status}` : 'Microsoft does not show the operation any more';
}
