import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { MessageHandler } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import type { AnyJobDefinition, Job, JobOutcome } from './job.definition';
import { settleJobs, type Settlement } from './job.settle';
import { claimJobs, freeExpired, renewLeases, type JobRow } from './job.store';
import { judge, type RunResult } from './job.verdict';
import { SERVICE, type ServiceIdentity } from './messaging.config';
import { countJob } from './metrics';
import { MicroBatch } from './micro-batch';
import { isOutage, reasonOf } from './outage';
import { Outbox } from './outbox';
import { CLOCK, FAULT_POINTS, RANDOMNESS, type FaultPoints, type MessagingClock, type Randomness } from './ports';
import { called } from './topic.handler';
import { inTransaction } from './transaction';

/** How often it looks without a bell: for jobs that become due, and for those of other copies. */
const pollMs = 200;
/** How often it looks for workers that fell silent. */
const expiryCheckMs = 1000;
const settlementsTogether = 100;
const outagePauseMs = 500;

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
  private readonly active = new Map<string, { row: JobRow; ended: Promise<void> }>();
  private readonly settlements: MicroBatch<Settlement, boolean>;
  private running?: Promise<void>;
  private isStopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(CLOCK) private readonly clock: MessagingClock,
    @Inject(RANDOMNESS) private readonly randomness: Randomness,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    this.worker = `${service.instance}/${randomUUID()}`;
    this.settlements = new MicroBatch((items) => this.settle(items), { size: settlementsTogether, limit: Infinity, maxAgeMs: Infinity }); // bounded by the slots
  }

  serve(performers: readonly Performer[]): void {
    this.performers = new Map(performers.map((performer) => [performer.definition.kind, performer]));
  }

  start(): void {
    if (this.performers.size === 0 || this.running) return;
    this.isStopping = false;
    this.running = this.loop();
  }

  /** Claims nothing more and waits for what runs, 10 s at most: what is cut off runs again elsewhere when its lease is over. */
  async stop(limitMs = 10_000): Promise<void> {
    if (!this.running && this.active.size === 0) return;
    this.isStopping = true;
    this.outbox.jobsCommitted.ring();
    await this.running;
    this.running = undefined;
    const ended = Promise.allSettled([...this.active.values()].map((run) => run.ended));
    const patience = new AbortController();
    await Promise.race([ended, this.clock.sleep(limitMs, patience.signal)]);
    patience.abort();
    this.isStopping = this.active.size > 0;
  }

  /** Claims what is due and for what there is room, and starts it. Gives the ends of these runs. */
  async claim(): Promise<Promise<void>[]> {
    const busy = Map.groupBy(this.active.values(), ({ row }) => row.kind);
    const free = [...this.performers.values()]
      .map(({ definition: { kind, limits } }) => ({
        kind,
        slots: limits.concurrency - (busy.get(kind)?.length ?? 0),
        leaseMs: limits.leaseMs,
      }))
      .filter(({ slots }) => slots > 0);
    if (free.length === 0) return [];
    const rows = await inTransaction(this.dataSource, (tx) => claimJobs(tx, this.service.name, this.worker, free, this.clock.now()));
    return rows.map((row) => {
      const ended = this.perform(row).finally(() => this.active.delete(row.id));
      this.active.set(row.id, { row, ended });
      return ended;
    });
  }

  /** Performs one job and records how it ended. Never rejects: what can't be recorded is performed again when the lease is over. */
  private async perform(row: JobRow): Promise<void> {
    const { definition, handler } = this.performers.get(row.kind)!;
    let payload: unknown;
    let result: RunResult;
    try {
      await this.faults.reach('job.after-claim');
      payload = JSON.parse(row.payload);
      result = { outcome: await outcomeOf(definition, handler, row, payload) };
      await this.faults.reach('job.after-perform');
    } catch (error) {
      result = { error };
    }
    try {
      const { verdict, settlement } = judge(row, definition, payload, result, this.clock.now(), this.randomness);
      if (verdict === 'failed' || verdict === 'dead')
        this.logger.warn(
          {
            kind: row.kind,
            job: row.id,
            attempts: row.attempts,
            outcome: verdict,
            correlationId: row.correlationId,
            reason: settlement.next?.reason,
          },
          'a job failed',
        );
      countJob(row.kind, (await this.settlements.add(settlement)) ? verdict : 'fenced');
    } catch (error) {
      this.logger.error({ kind: row.kind, job: row.id, reason: reasonOf(error) }, 'the end of a job could not be recorded');
    }
  }

  /** All in one transaction; where that is refused each by itself, so that one cannot hold up the others. */
  private async settle(items: Settlement[]): Promise<boolean[]> {
    for (;;) {
      try {
        return await this.settleTogether(items);
      } catch (error) {
        if (isOutage(error) && !this.isStopping) await this.clock.sleep(outagePauseMs);
        else if (items.length === 1) return [await this.settleAsDead(items[0]!, error)];
        else return (await Promise.all(items.map((item) => this.settle([item])))).flat();
      }
    }
  }

  private async settleTogether(items: readonly Settlement[]): Promise<boolean[]> {
    const { held, committed } = await inTransaction(this.dataSource, async (tx) => {
      const settled = await settleJobs(tx, this.service.name, this.outbox, this.clock.now(), items);
      await this.faults.reach('job.before-commit');
      return settled;
    });
    this.outbox.committed(committed);
    return items.map(({ id }) => held.has(id));
  }

  /** What a job wants to say can't be stored (too large, a type without a topic): it would fail the same way for ever. */
  private async settleAsDead(item: Settlement, error: unknown): Promise<boolean> {
    if (isOutage(error)) throw error;
    const next = {
      state: 'dead' as const,
      runAt: new Date(this.clock.now()),
      isFailure: true,
      reason: `its end can't be recorded: ${reasonOf(error)}`,
    };
    const [isHeld = false] = await this.settleTogether([{ ...item, effects: [], next }]);
    return isHeld;
  }

  private async loop(): Promise<void> {
    let checkAt = 0;
    let renewAt = performance.now() + this.renewalMs;
    while (!this.isStopping) {
      try {
        if (performance.now() >= checkAt) {
          await inTransaction(this.dataSource, (tx) => freeExpired(tx, this.service.name, this.clock.now()));
          checkAt = performance.now() + expiryCheckMs;
        }
        if (performance.now() >= renewAt) {
          await this.renew();
          renewAt = performance.now() + this.renewalMs;
        }
        void (await this.claim()); // they run by themselves and never reject
      } catch (error) {
        const isCollision = (error as { code?: unknown }).code === '23505'; // another copy took a job of the same key at the same moment
        if (!isCollision) this.logger[isOutage(error) ? 'warn' : 'error']({ reason: reasonOf(error) }, 'jobs could not be claimed');
        if (!isCollision) await this.clock.sleep(outagePauseMs);
      }
      if (!this.isStopping) await this.outbox.jobsCommitted.wait(pollMs);
    }
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

async function outcomeOf(definition: AnyJobDefinition, handler: MessageHandler, row: JobRow, stored: unknown): Promise<JobOutcome> {
  const payload = definition.schema.safeParse(stored);
  if (!payload.success) throw Object.assign(new Error(`the payload of ${row.kind} breaks its schema`), { retriable: false });
  if (row.failures >= definition.limits.failures) throw Object.assign(new Error('every run ended in a crash'), { retriable: false });
  const job: Job = {
    id: row.id,
    kind: row.kind,
    key: row.key,
    payload: payload.data,
    attempts: row.attempts,
    deadline: row.deadline?.toISOString(),
    createdAt: row.createdAt.toISOString(),
    causationId: row.causationId,
    correlationId: row.correlationId,
    traceparent: row.traceparent ?? undefined,
  };
  const outcome = (await called(handler, job)) as JobOutcome | undefined;
  if (!outcome?.kind) throw Object.assign(new Error(`the performer of ${row.kind} returned no outcome`), { retriable: false });
  return outcome;
}
