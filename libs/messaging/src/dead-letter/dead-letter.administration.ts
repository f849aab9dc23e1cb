import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { Outbox } from '../outbox/outbox';
import { DeadLetterRepository } from './dead-letter.repository';
import { inTransaction, run, type Transaction } from '../transaction';

/** Who does something, and why; both are kept. The reason holds no personal data. */
export interface OperatorAct {
  readonly actor: string;
  readonly reason: string;
}

export interface BlockedKey {
  readonly consumer: string;
  readonly key: string;
  readonly state: 'waiting' | 'failing' | 'dead';
  readonly reason: string;
  readonly attempts: number;
  readonly since: Date;
  /** Messages of the key, the one at fault included. */
  readonly messages: number;
}

export interface DeadJob {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly lastError: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

const listed = 200;

/** What operators see and do where the library can't go on by itself. Every act is recorded in the transaction that does it. */
@Injectable()
export class DeadLetterAdministration {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly deadLetters: DeadLetterRepository,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
  ) {}

  /** Keys that stand still, the oldest first, 200 at most. */
  blockedKeys(): Promise<BlockedKey[]> {
    const { name } = this.service;
    return inTransaction(this.dataSource, (tx) =>
      run<BlockedKey>(
        tx,
        `select k.consumer, k.key, k.state, k.reason, k.attempts, k.since,
                (select count(*)::int from ${name}.dead_letter m where m.consumer = k.consumer and m.key = k.key) as messages
           from ${name}.blocked_key k order by k.since limit $1`,
        [listed],
      ),
    );
  }

  /** Dead jobs, the oldest first, 200 at most. */
  deadJobs(): Promise<DeadJob[]> {
    const sql = `select id, kind, key, last_error as "lastError", attempts, created_at as "createdAt"
                   from ${this.service.name}.job where state = 'dead' order by created_at limit $1`;
    return inTransaction(this.dataSource, (tx) => run<DeadJob>(tx, sql, [listed]));
  }

  /** Tries a key again at once, with all its attempts before it. False where it does not stand still. */
  async retryKey(consumer: string, key: string, act: OperatorAct): Promise<boolean> {
    const isDone = await this.recorded('retry key', `${consumer} ${key}`, act, async (tx) => {
      const sql = `update ${this.service.name}.blocked_key set state = 'failing', attempts = 0, next_try_at = now() where consumer = $1 and key = $2 returning 1`;
      return (await run(tx, sql, [consumer, key])).length > 0;
    });
    this.deadLetters.added.raise();
    return isDone;
  }

  /** Gives up the first message of a key for ever; the later ones go on. False where it does not stand still. */
  async skipMessage(consumer: string, key: string, act: OperatorAct): Promise<boolean> {
    const { name } = this.service;
    const isDone = await this.recorded('skip message', `${consumer} ${key}`, act, async (tx) => {
      const held = await run(tx, `select 1 from ${name}.blocked_key where consumer = $1 and key = $2 for update`, [consumer, key]);
      if (held.length === 0) return false;
      await run(
        tx,
        `delete from ${name}.dead_letter where seq = (select min(seq) from ${name}.dead_letter where consumer = $1 and key = $2)`,
        [consumer, key],
      );
      const rest = `exists (select from ${name}.dead_letter where consumer = $1 and key = $2)`;
      await run(tx, `delete from ${name}.blocked_key where consumer = $1 and key = $2 and not ${rest}`, [consumer, key]);
      await run(
        tx,
        `update ${name}.blocked_key set state = 'failing', attempts = 0, next_try_at = now() where consumer = $1 and key = $2`,
        [consumer, key],
      );
      return true;
    });
    this.deadLetters.added.raise();
    return isDone;
  }

  /** Lets a dead job run again at once. False where it is not dead. */
  async retryJob(id: string, act: OperatorAct): Promise<boolean> {
    const sql = `update ${this.service.name}.job set state = 'ready', failures = 0, run_at = 'epoch' where id = $1 and state = 'dead' returning 1`;
    const isDone = await this.recorded('retry job', id, act, async (tx) => (await run(tx, sql, [id])).length > 0);
    this.outbox.jobsCommitted.raise();
    return isDone;
  }

  /** Gives a dead job up; the next one of its key goes on. False where it is not dead. */
  async skipJob(id: string, act: OperatorAct): Promise<boolean> {
    const sql = `delete from ${this.service.name}.job where id = $1 and state = 'dead' returning 1`;
    const isDone = await this.recorded('skip job', id, act, async (tx) => (await run(tx, sql, [id])).length > 0);
    this.outbox.jobsCommitted.raise();
    return isDone;
  }

  private recorded(
    act: string,
    subject: string,
    { actor, reason }: OperatorAct,
    work: (tx: Transaction) => Promise<boolean>,
  ): Promise<boolean> {
    return inTransaction(this.dataSource, async (tx) => {
      const isDone = await work(tx);
      const sql = `insert into ${this.service.name}.operator_act (act, subject, actor, reason) values ($1, $2, $3, $4)`;
      if (isDone) await run(tx, sql, [act, subject, actor, reason]);
      return isDone;
    });
  }
}
