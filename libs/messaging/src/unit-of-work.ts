import { randomUUID } from 'node:crypto';
import { HttpException, HttpStatus, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isRolledBackByPostgres } from '@landfall/service-defaults';
import { Outbox, type Committed } from './outbox/outbox';
import type { Effect, Outcome } from './handlers/outcome';
import { addressed, nothing, type Cause } from './outbox/outgoing';
import { inTransaction, type Transaction } from './transaction';

/** The decision was no. An HTTP endpoint answers 409 with the reason, and asking again does not help. */
export class Refused extends HttpException {
  readonly code = 'REFUSED';
  readonly retriable = false;

  constructor(readonly reason: string) {
    super(reason, HttpStatus.CONFLICT);
  }
}

/** How soon a caller may ask again for what something else has to come before. */
const notYetRetryMs = 2000;

/** Something that must come first has not. An HTTP endpoint answers 409 with the reason, and `Retry-After` gives when to come again. */
export class NotYet extends HttpException {
  readonly code = 'NOT_YET';
  readonly retriable = true;
  readonly retryAfterMs = notYetRetryMs;

  constructor(readonly reason: string) {
    super(reason, HttpStatus.CONFLICT);
  }
}

/** The stages of an HTTP endpoint, for one key. */
export interface EndpointStages<State> {
  /** Without one, a new id is drawn: a repeated request then sends its messages again. */
  readonly cause?: Cause;
  load?(tx: Transaction): Promise<Map<string, State>>;
  decide(state: State | undefined): Outcome<State>;
  save?(tx: Transaction, states: State[]): void | Promise<void>;
}

/** Collects what a transaction sends. All of it is written as the transaction's last step, whenever it is called. */
type Append = (effects: readonly Effect[], cause?: Cause) => void;

export interface TransactionOptions {
  /**
   * Called once after the commit: the relay and the job runner of this process are woken when that has ended, however it ends. Whoever has to do something
   * before its messages are read bounds that by itself, since until then they wait. It is no barrier: a relay that looks just then finds them at once.
   */
  readonly announceAfter?: () => Promise<unknown>;
}

const attempts = 3;
/** For all of them together: whoever waits for an HTTP answer gives up after four seconds. */
const limitMs = 3500;

/** Writes state and messages together, where no Kafka message is the cause: HTTP endpoints, timers, sweeps. */
@Injectable()
export class UnitOfWork {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /** Loads, decides and saves one key in one transaction. After the commit it throws `Refused` or `NotYet` when that was the decision. */
  async transaction<State>(key: string, stages: EndpointStages<State>): Promise<Outcome<State>> {
    const outcome = await this.inTransaction(async (tx, append) => {
      const states = (await stages.load?.(tx)) ?? new Map<string, State>();
      const decided = stages.decide(states.get(key));
      if (decided.kind === 'changed' && stages.save) await stages.save(tx, [decided.state]);
      append(decided.effects, stages.cause);
      return decided;
    });
    if (outcome.kind === 'refused') throw new Refused(outcome.reason);
    if (outcome.kind === 'notYet') throw new NotYet(outcome.reason);
    return outcome;
  }

  /**
   * Runs the work in one transaction and, as its last step, writes what it appended. Where Postgres rolled it back by itself (a deadlock, a
   * serialization failure, a session that only reads) the work runs again, three times at most; every other error is the caller's.
   * @throws TransactionOverdue after 3.5 s, also where the database hangs
   */
  async inTransaction<T>(work: (tx: Transaction, append: Append) => Promise<T>, { announceAfter }: TransactionOptions = {}): Promise<T> {
    const deadline = performance.now() + limitMs;
    for (let attempt = 1; ; attempt++) {
      try {
        const { result, committed } = await inTransaction(this.dataSource, (tx) => this.worked(tx, work), deadline - performance.now());
        const announce = () => this.outbox.committed(committed);
        if (announceAfter) void announceAfter().then(announce, announce);
        else announce();
        return result;
      } catch (error) {
        if (attempt === attempts || !isRolledBackByPostgres(error)) throw error;
      }
    }
  }

  /** The epoch that the envelopes of this service carry: an operator raises it when the database was restored (rule 12). */
  epoch(): Promise<number> {
    return inTransaction(this.dataSource, async (tx) => (await this.outbox.sender(tx)).epoch);
  }

  /** Writes effects in a transaction of the caller, which must do nothing after it: see `Outbox.append`. Gives what `Outbox.committed` is told after the commit. Prefer `inTransaction`. */
  async append(tx: Transaction, effects: readonly Effect[], cause: Cause = newCause()): Promise<Committed> {
    const outgoing = nothing();
    addressed(await this.outbox.sender(tx), cause, effects, outgoing);
    return this.outbox.append(tx, outgoing);
  }

  private async worked<T>(tx: Transaction, work: (tx: Transaction, append: Append) => Promise<T>) {
    const parts: { effects: readonly Effect[]; cause: Cause }[] = [];
    const result = await work(tx, (effects, cause = newCause()) => void parts.push({ effects, cause }));
    const outgoing = nothing();
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
