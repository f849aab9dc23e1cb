import { randomUUID } from 'node:crypto';
import { HttpException, HttpStatus, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isRolledBackByPostgres } from './outage';
import { Outbox } from './outbox';
import type { Effect, Outcome } from './outcome';
import { addressed, type Cause, type Outgoing } from './outgoing';
import { inTransaction, type Transaction } from './transaction';

/** An HTTP door's no: answered as 409 with the reason. With `retriable`, it was `notYet`. */
export class Refused extends HttpException {
  readonly code = 'REFUSED';

  constructor(
    readonly reason: string,
    readonly retriable = false,
  ) {
    super({ statusCode: HttpStatus.CONFLICT, reason }, HttpStatus.CONFLICT);
  }
}

/** The stages of an HTTP door, for one key. */
export interface DoorStages<State> {
  /** Without one, a new id is drawn: a repeated request then sends its messages again. */
  readonly cause?: Cause;
  load?(tx: Transaction): Promise<Map<string, State>>;
  decide(state: State | undefined): Outcome<State>;
  save?(tx: Transaction, states: State[]): Promise<void>;
}

/** Collects what a transaction sends. All of it is written as the transaction's last step, whenever it is called. */
export type Append = (effects: readonly Effect[], cause?: Cause) => void;

const attempts = 3;

/** Writes state and messages together, where no Kafka message is the cause: HTTP doors, timers, sweeps. */
@Injectable()
export class Landfall {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /** Loads, decides and saves one key in one transaction. Throws `Refused` after the commit when the decision was refused or notYet. */
  async transaction<State>(key: string, stages: DoorStages<State>): Promise<Outcome<State>> {
    const outcome = await this.inTransaction(async (tx, append) => {
      const states = (await stages.load?.(tx)) ?? new Map<string, State>();
      const decided = stages.decide(states.get(key));
      if (decided.kind === 'changed' && stages.save) await stages.save(tx, [decided.state]);
      append(decided.effects, stages.cause);
      return decided;
    });
    if (outcome.kind === 'refused' || outcome.kind === 'notYet') throw new Refused(outcome.reason, outcome.kind === 'notYet');
    return outcome;
  }

  /**
   * Runs the work in one transaction and, as its last step, writes what it appended. Where Postgres rolled it back by itself (a deadlock, a
   * serialization failure) the work runs again, three times at most; every other error is the caller's.
   */
  async inTransaction<T>(work: (tx: Transaction, append: Append) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { result, committed } = await inTransaction(this.dataSource, (tx) => this.worked(tx, work));
        this.outbox.committed(committed);
        return result;
      } catch (error) {
        if (attempt === attempts || !isRolledBackByPostgres(error)) throw error;
      }
    }
  }

  /** Writes effects in a transaction of the caller, which must do nothing after it: see `Outbox.append`. Prefer `inTransaction`. */
  async append(tx: Transaction, effects: readonly Effect[], cause: Cause = newCause()): Promise<void> {
    const outgoing: Outgoing = { messages: [], jobs: [] };
    addressed(await this.outbox.sender(tx), cause, effects, outgoing);
    await this.outbox.append(tx, outgoing);
  }

  private async worked<T>(tx: Transaction, work: (tx: Transaction, append: Append) => Promise<T>) {
    const parts: { effects: readonly Effect[]; cause: Cause }[] = [];
    const result = await work(tx, (effects, cause = newCause()) => void parts.push({ effects, cause }));
    const outgoing: Outgoing = { messages: [], jobs: [] };
    const positions = new Map<string, number>();
    const sender = await this.outbox.sender(tx);
    for (const { effects, cause } of parts) {
      const from = positions.get(cause.id) ?? 0;
      addressed(sender, cause, effects, outgoing, from);
      positions.set(cause.id, from + effects.length);
    }
    return { result, committed: await this.outbox.append(tx, outgoing) };
  }
}

const newCause = (): Cause => ({ id: randomUUID() });
