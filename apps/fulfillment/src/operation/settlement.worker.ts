import { Controller, Logger } from '@nestjs/common';
import { operationSettled, type OperationStatus } from '@landfall/contracts';
import { again, done, UnitOfWork, Performs, type JobOf, type JobOutcome } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { config } from '../fulfillment.config';
import { CallLedger } from '../microsoft/call.ledger';
import { MicrosoftClient } from '../microsoft/microsoft.client';
import { whenAway } from '../microsoft/waiting';
import { growingDelayMs } from '../pace';
import type { Operation, Reading, Settled } from './operation';
import { OperationRepository } from './operation.repository';
import { acknowledgementOf, acknowledgementsOf, needsSnapshot, settlementOf } from './settlement.domain';
import { settleOperation } from './settlement.job';

type SettlementJob = JobOf<typeof settleOperation>;

/** No operation is asked about less often than this. */
const SLOWEST_POLL_MS = 60_000;

/** Tells Microsoft what was decided about its operations, and follows them to their end. */
@Controller()
export class SettlementWorker {
  private readonly logger = new Logger(SettlementWorker.name);

  constructor(
    private readonly microsoft: MicrosoftClient,
    private readonly ledger: CallLedger,
    private readonly operations: OperationRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Safe to repeat after a crash: it reads before it acts (rule 9), and the end is told in one transaction with its record. */
  @Performs(settleOperation)
  async settle(job: SettlementJob): Promise<JobOutcome> {
    const operation = await this.operations.find(job.payload);
    if (!operation || operation.settled) return done();
    try {
      return await this.follow(job, operation);
    } catch (error) {
      return whenAway(error, job.attempts);
    }
  }

  private async follow(job: SettlementJob, operation: Operation): Promise<JobOutcome> {
    const now = this.clock.now().getTime();
    const openForMs = now - Date.parse(job.createdAt);
    const unshownForMs = operation.unshownSince ? now - Date.parse(operation.unshownSince) : 0;
    const status = await this.statusAfterAcknowledging(job, operation);
    if (needsSnapshot(operation, status, openForMs)) {
      const reading = await this.microsoft.subscription(operation.subscriptionId, job);
      const settled = settlementOf(operation, { status, snapshot: reading.snapshot, openForMs, unshownForMs });
      if (settled) return this.tell(job, operation, { status, settled, reading });
      if (status === 'Succeeded') await this.operations.noteUnshown(operation, new Date(now).toISOString());
    }
    const firstMs = config.values.OPERATION_POLL_INTERVAL / 8;
    const afterMs = growingDelayMs(job.attempts, { firstMs, limitMs: SLOWEST_POLL_MS });
    return again({ afterMs }, status ? `Microsoft shows the operation as ${status}` : 'Microsoft does not show the operation');
  }

  /** Reads the operation; where a decision is to be sent, sends it and reads again. */
  private async statusAfterAcknowledging(job: SettlementJob, operation: Operation): Promise<OperationStatus | null> {
    const seen = await this.microsoft.operation(operation, job);
    const status = seen?.status ?? null;
    const known = { ...operation, source: seen?.source ?? operation.source };
    if (!acknowledgementOf(known, status, { attempts: 0, isConcluded: false })) return status;

    const word = acknowledgementOf(known, status, acknowledgementsOf(await this.ledger.attemptsOf(job.id)));
    if (!word) return status;
    await this.microsoft.acknowledge(operation, word, job);
    return (await this.microsoft.operation(operation, job))?.status ?? null;
  }

  /** The end is recorded and told once, whatever else asks for it meanwhile. */
  private async tell(
    job: SettlementJob,
    operation: Operation,
    end: { status: OperationStatus | null; settled: Settled; reading: Reading },
  ): Promise<JobOutcome> {
    const { subscriptionId, operationId, action, source, planId, quantity } = operation;
    const { settled, status, reading } = end;
    const message = operationSettled({
      ...{ subscriptionId, operationId, action, source, planId, quantity, settled },
      ...{ operationStatus: status, snapshot: reading.snapshot, readAt: reading.readAt },
    });
    await this.unitOfWork.inTransaction(async (tx, append) => {
      const isFirst = await this.operations.settle(tx, operation, settled);
      if (isFirst) append([message], { id: job.id, correlationId: job.correlationId, causationId: job.causationId });
    });
    const outlivedItsLimit = settled === 'Expired' && reading.snapshot.status !== 'Unsubscribed';
    if (outlivedItsLimit)
      this.logger.error({ subscriptionId, operationId, action }, 'an operation stayed open at Microsoft beyond its limit');
    return done();
  }
}
