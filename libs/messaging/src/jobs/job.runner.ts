import { randomUUID } from 'node:crypto';
import { Clock, errorCodeOf, isOutage } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { Background } from '../background';
import type { AnyJobDefinition } from './job.definition';
import { completeJobs } from './job.completion';
import type { Completion, Ended } from './job.ended';
import { claimJobs, freeExpired, renewLeases, unknownKinds, untilNextDue, type FreeSlots, type JobRow } from './job.repository';
import { endingOf, type CheckedPayload, type RunResult } from './job.ending';
import { checkedPayload, outcomeOf } from './job.run';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { countJob } from '../metrics';
import { MicroBatch } from '../micro-batch';
import { reasonOf } from '../failure';
import { Outbox } from '../outbox/outbox';
import { FAULT_POINTS, RANDOMNESS, type FaultPoints, type Randomness } from '../ports';
import { pause } from '../signal';
import { inTransaction, tookTooLong, type Transaction } from '../transaction';

/** How soon it claims again where another copy was faster. */
const pollMs = 200;
/** How often it looks without a signal: for jobs that other copies left. For what becomes due by itself it wakes in time. */
const idleMs = 2000;
/** How often it looks for workers that fell silent. */
const expiryCheckMs = 2000;
const completionsTogether = 100;
const outagePauseMs = 500;
/** The end of jobs that takes too long so often in a row is taken apart, and given up where it is one job's. */
const slowTries = 3;
const uniqueViolation = '23505';
/** A job that is due this long and of a kind that no method performs: another version may have stored it, and that may be gone. */
const unknownKindMs = 60_000;

/** How a run ended in the table. */
interface Recorded {
  /** Null where the job was not ours any more: another run has recorded its end, or will. */
  readonly recorded: Completion | null;
  /** It would have died, and has ended instead. */
  readonly isOvertaken?: boolean;
  /** It can't be recorded at all. */
  readonly error?: unknown;
}

interface Performer {
  readonly definition: AnyJobDefinition;
  readonly handler: MessageHandler;
}

/** Performs jobs: at least once each, one per key at a time, oldest first; answer and messages are recorded in one transaction. */
@Injectable()
export class JobRunner {
  private readonly logger = new Logger('Jobs');
  private readonly worker: string;
  private performers = new Map<string, Performer>();
  private isServed = false;
  private readonly active = new Map<string, { row: JobRow; ended: Promise<void> }>();
  private readonly completions: MicroBatch<Ended, Recorded>;
  private readonly background: Background;
  private isStopping = false;
  private checkAt = 0;
  private lookAgainMs = pollMs;
  /** At the last claim, jobs of some kind may have been left for want of a slot. */
  private hasFullKind = false;
  private renewAt = 0;
  private sayUnknownAt = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    private readonly clock: Clock,
    @Inject(RANDOMNESS) private readonly randomness: Randomness,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    this.worker = `${service.instance}/${randomUUID()}`;
    this.background = new Background({
      name: 'Jobs',
      round: () => this.round(),
      failure: 'jobs could not be claimed',
      errorPauseMs: outagePauseMs,
      wake: outbox.jobsCommitted,
    });
    this.completions = new MicroBatch((items) => this.complete(items), {
      size: completionsTogether,
      ...{ limit: Infinity, maxAgeMs: Infinity, limitMs: Infinity }, // bounded by the slots; an outage is waited for
    });
  }

  serve(performers: readonly Performer[]): void {
    this.performers = new Map(performers.map((performer) => [performer.definition.kind, performer]));
    this.isServed = true;
  }

  /** What this service performs. Null while it starts and can't say it yet: nobody may then take a job for one of another version. */
  get kinds(): readonly string[] | null {
    return this.isServed ? [...this.performers.keys()] : null;
  }

  start(): void {
    if (this.performers.size === 0 || this.background.isRunning) return;
    this.isStopping = false;
    this.renewAt = performance.now() + this.renewalMs;
    this.sayUnknownAt = 0;
    this.background.start();
  }

  /** Claims nothing more and waits for what runs, 10 s at most: what is cut off runs again elsewhere when its lease is over. */
  async stop(limitMs = 10_000): Promise<void> {
    this.isStopping = true;
    await this.background.stop();
    const limit = new AbortController();
    const ended = Promise.allSettled([...this.active.values()].map((run) => run.ended)).then(() => limit.abort());
    await Promise.race([ended, pause(limitMs, limit.signal)]);
    this.isStopping = this.active.size > 0;
  }

  /** Claims what is due and for which there are free slots, and starts it. Gives the ends of these runs. */
  async claim(): Promise<Promise<void>[]> {
    const busy = Map.groupBy(this.active.values(), ({ row }) => row.kind);
    const free = [...this.performers.values()]
      .map(({ definition: { kind, limits } }) => ({
        kind,
        slots: limits.concurrency - (busy.get(kind)?.length ?? 0),
        leaseMs: limits.leaseMs,
        lateMs: limits.lateMs,
      }))
      .filter(({ slots }) => slots > 0);
    this.lookAgainMs = pollMs;
    const { rows, nextDueMs } = await inTransaction(this.dataSource, (tx) => this.claimIn(tx, free));
    const claimed = Map.groupBy(rows, ({ kind }) => kind);
    this.hasFullKind = free.length < this.performers.size || free.some(({ kind, slots }) => claimed.get(kind)?.length === slots);
    this.lookAgainMs = Math.min(idleMs, nextDueMs ?? idleMs);
    return rows.map((row) => {
      const ended = this.perform(row).finally(() => this.free(row));
      this.active.set(row.id, { row, ended });
      return ended;
    });
  }

  /** Where a kind had no slot left, more of its jobs may be due. */
  private free({ id }: JobRow): void {
    this.active.delete(id);
    if (this.hasFullKind) this.outbox.jobsCommitted.raise();
  }

  /** Of all kinds with free slots, the jobs that are due, and how long until the next one is. */
  private async claimIn(tx: Transaction, free: readonly FreeSlots[]): Promise<{ rows: JobRow[]; nextDueMs: number | null }> {
    const { aheadMs } = this.clock;
    if (performance.now() >= this.checkAt) {
      await freeExpired(tx, this.service.name, aheadMs);
      this.checkAt = performance.now() + expiryCheckMs;
    }
    if (free.length === 0) return { rows: [], nextDueMs: null };
    const rows = await claimJobs(tx, this.service.name, this.worker, free, aheadMs);
    return { rows, nextDueMs: await untilNextDue(tx, this.service.name, free, aheadMs) };
  }

  /** Performs one job and records how it ended. Never rejects: what can't be recorded is performed again when the lease is over. */
  private async perform(row: JobRow): Promise<void> {
    const { definition, handler } = this.performers.get(row.kind)!;
    let payload: CheckedPayload | null = null;
    let result: RunResult;
    try {
      payload = checkedPayload(definition, row);
      await this.faults.reach('job.after-claim');
      result = { outcome: await outcomeOf(definition, handler, row, payload) };
      await this.faults.reach('job.after-perform');
    } catch (error) {
      result = { error };
    }
    try {
      const ended = endingOf(row, definition, payload, result, this.clock.now().getTime(), this.randomness);
      const { recorded, isOvertaken, error } = await this.completions.add(ended);
      if (error) throw error;
      const outcome = isOvertaken ? 'overtaken' : (recorded?.ending ?? 'fenced');
      countJob(row.kind, outcome);
      if (recorded && (outcome === 'failed' || outcome === 'dead' || outcome === 'overtaken')) this.logFailure(row, outcome, recorded);
    } catch (error) {
      this.logger.error({ kind: row.kind, job: row.id, reason: reasonOf(error) }, 'the end of a job could not be recorded');
    }
  }

  private logFailure({ kind, id, attempts, correlationId }: JobRow, outcome: 'failed' | 'dead' | 'overtaken', { next }: Completion): void {
    const fields = { kind, job: id, attempts, outcome, correlationId, reason: next?.reason };
    if (outcome === 'dead') this.logger.error(fields, 'a job is dead: it holds its key until an operator retries or discards it');
    else if (outcome === 'overtaken')
      this.logger.warn(fields, 'a job has failed for good, and has ended: what it was for is over without it');
    else this.logger.warn(fields, 'a job failed');
  }

  /**
   * All in one transaction; where that is refused, or takes too long a few times, each by itself, so that one cannot hold up the others. An outage is waited
   * for. One that is too slow alone as well throws: it is performed again when its lease is over, as often as it may fail.
   */
  private async complete(items: Ended[]): Promise<Recorded[]> {
    for (let slow = 0; ;) {
      try {
        return await this.completeTogether(items);
      } catch (error) {
        const isTooSlow = errorCodeOf(error) === tookTooLong && ++slow >= slowTries;
        if (isOutage(error) && !isTooSlow) {
          if (this.isStopping) throw error;
          await pause(outagePauseMs);
        } else if (items.length === 1) {
          if (isTooSlow) throw error;
          items = [insteadOf(items[0]!, error)];
        } else return this.completeEach(items);
      }
    }
  }

  /** Where one can't be recorded at all, the others are. */
  private async completeEach(items: readonly Ended[]): Promise<Recorded[]> {
    const each = items.map((item) => this.complete([item]).catch((error: unknown) => [{ recorded: null, error }]));
    return (await Promise.all(each)).flat();
  }

  private async completeTogether(items: readonly Ended[]): Promise<Recorded[]> {
    const { held, overtaken, committed, recorded } = await inTransaction(this.dataSource, async (tx) => {
      const completed = await completeJobs(tx, this.service.name, this.outbox, this.clock.aheadMs, items);
      await this.faults.reach('job.before-commit');
      return completed;
    });
    this.outbox.committed(committed);
    for (const tell of recorded) tell();
    return items.map(({ id }) => ({ recorded: held.get(id) ?? null, isOvertaken: overtaken.has(id) }));
  }

  private async round(): Promise<number> {
    if (performance.now() >= this.sayUnknownAt) {
      await this.sayUnknownKinds();
      this.sayUnknownAt = performance.now() + unknownKindMs;
    }
    if (performance.now() >= this.renewAt) {
      await this.renew();
      this.renewAt = performance.now() + this.renewalMs;
    }
    try {
      void (await this.claim()); // they run by themselves and never reject
    } catch (error) {
      if (errorCodeOf(error) !== uniqueViolation) throw error; // another copy took a job of the same key at the same moment
    }
    const untilRenewalMs = this.active.size > 0 ? this.renewAt - performance.now() : Infinity;
    return Math.max(1, Math.min(this.lookAgainMs, untilRenewalMs));
  }

  private async sayUnknownKinds(): Promise<void> {
    const unknown = await inTransaction(this.dataSource, (tx) => unknownKinds(tx, this.service.name, this.kinds ?? [], unknownKindMs));
    for (const { kind, jobs } of unknown)
      this.logger.error({ kind, count: jobs }, 'jobs wait that nothing in this version performs: start one that does, or discard them');
  }

  private get renewalMs(): number {
    return Math.min(...[...this.performers.values()].map(({ definition }) => definition.limits.leaseMs)) / 3;
  }

  private async renew(): Promise<void> {
    const held = [...this.active.values()].map(({ row }) => ({
      id: row.id,
      leaseMs: this.performers.get(row.kind)!.definition.limits.leaseMs,
    }));
    if (held.length > 0) await inTransaction(this.dataSource, (tx) => renewLeases(tx, this.service.name, this.worker, held));
  }
}

/**
 * What a job publishes can't be stored (too large, a type without a topic), or the state on which its end was decided: it would fail the same way again, so it is
 * dead, or tried later. Where even that it is dead can't be recorded, this throws, and the job is performed again when its lease is over, as often as it may fail.
 */
function insteadOf(item: Ended, error: unknown): Completion {
  if (!('states' in item) && item.next?.state === 'dead' && item.effects.length === 0) throw error;
  return item.instead(error);
}
