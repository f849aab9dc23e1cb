import { Controller, Logger } from '@nestjs/common';
import type { OperationStatus } from '@landfall/contracts';
import { again, done, Performs, UnitOfWork, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { backoffMs } from '../backoff';
import { config } from '../fulfillment.config';
import { CallLedger } from '../microsoft/call.ledger';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { retryLater } from '../microsoft/retry-later';
import { acknowledgementOf, maySendAcknowledgement } from './acknowledgement.domain';
import { operationKey, type Operation, type Settlement } from './operation';
import { followOperation } from './operation.job';
import { OperationRepository } from './operation.repository';
import { needsOperator, needsSubscription, settle, type Look } from './settlement.domain';

type FollowJob = JobOf<typeof followOperation>;

/** No operation is asked about less often than this. */
const SLOWEST_POLL_MS = 60_000;

/** Acknowledges Microsoft's operations as they were decided, and follows them to their end. */
@Controller()
export class OperationWorker {
  private readonly logger = new Logger(OperationWorker.name);

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly ledger: CallLedger,
    private readonly operations: OperationRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Safe to repeat after a crash: it reads before it acts (rule 9), and the end is published in one transaction with its record. */
  @Performs(followOperation)
  async follow(job: FollowJob): Promise<JobOutcome> {
    const operation = await this.operations.find(job.payload);
    if (!operation || operation.settled) return done();
    try {
      return await this.look(job, operation);
    } catch (error) {
      return retryLater(error, job.attempts);
    }
  }

  private async look(job: FollowJob, operation: Operation): Promise<JobOutcome> {
    const now = this.clock.now();
    const openForMs = now.getTime() - Date.parse(job.createdAt);
    const status = await this.statusAfterAcknowledging(job, operation);
    if (needsSubscription(operation, status, openForMs)) {
      const reading = await this.microsoft.subscription(operation.subscriptionId, job);
      const settled = await this.settled(job, operation, { ...reading, status, openForMs, lookedAt: now.toISOString() });
      if (settled) return done();
    }
    const firstMs = config.values.OPERATION_POLL_INTERVAL / 8;
    const afterMs = backoffMs(job.attempts, { firstMs, limitMs: SLOWEST_POLL_MS });
    return again({ afterMs }, status ? `Microsoft shows the operation as ${status}` : 'Microsoft does not show the operation');
  }

  /** Reads the operation; where a verdict is to be sent, sends it and reads again. */
  private async statusAfterAcknowledging(job: FollowJob, operation: Operation): Promise<OperationStatus | null> {
    const shown = await this.microsoft.operation(operation, job);
    const status = shown?.status ?? null;
    const acknowledgement = acknowledgementOf({ ...operation, source: shown?.source ?? operation.source }, status);
    if (!acknowledgement || !maySendAcknowledgement(await this.ledger.attemptsOf(job.id))) return status;
    await this.microsoft.acknowledge(operation, acknowledgement, job);
    return (await this.microsoft.operation(operation, job))?.status ?? null;
  }

  /** Decides on what was read and saves it. @returns how Microsoft ended the operation, null where it has not */
  private async settled(job: FollowJob, operation: Operation, look: Look): Promise<Settlement | null> {
    const key = operationKey(operation);
    const outcome = await this.unitOfWork.transaction<Operation>(key, {
      cause: { id: job.id, correlationId: job.correlationId, causationId: job.causationId },
      load: (tx) => this.operations.lock(tx, [key]),
      decide: (known) => settle(known, look),
      save: (tx, operations) => this.operations.save(tx, operations),
    });
    const settled = outcome.kind === 'changed' ? outcome.state.settled : null;
    if (settled && needsOperator(settled, look)) {
      const { subscriptionId, operationId, action } = operation;
      this.logger.error({ subscriptionId, operationId, action }, 'an operation stayed open at Microsoft beyond its limit');
    }
    return settled;
  }
}
