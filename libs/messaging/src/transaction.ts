import { errorCodeOf, takeSession, type HeldSession, type Statement } from '@landfall/service-defaults';
import type { QueryResult } from 'pg';
import type { DataSource } from 'typeorm';

/** Postgres keeps prepared statements by name and connection. A service has a fixed set of texts, so this map is bounded by its code. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  let name = names.get(sql);
  if (!name) {
    name = `landfall_${names.size}`;
    names.set(sql, name);
  }
  return name;
}

const statementOf = (text: string, values: readonly unknown[] = []): Statement => ({ name: nameOf(text), text, values });

/** SQLSTATE: a statement was cut off by its limit of time. */
export const tookTooLong = '57014';
/** SQLSTATE: an earlier statement of the transaction has failed. */
const failedBefore = '25P02';

/** Somebody caught an error of Postgres inside the transaction and went on: nothing of it is stored. */
export class TransactionAborted extends Error {
  readonly code = 'TRANSACTION_ABORTED';
  readonly retriable = false;
}

/** The transaction took longer than its caller waits. Its session is thrown away; whether it was committed is unknown. */
export class TransactionOverdue extends Error {
  readonly code = 'TRANSACTION_OVERDUE';
  readonly retriable = true;
}

const swallowed = 'Postgres rolled the transaction back: an error inside it was caught and ignored';

interface Asked {
  readonly statement: Statement;
  answer?(result: QueryResult): void;
  fail?(error: unknown): void;
}

/**
 * One Postgres transaction. It begins with its first statement, so one that asks nothing costs nothing. What is asked in the same turn goes out in one write, in
 * its order, and so does what nobody waits for, BEGIN first of all.
 */
export class Transaction {
  private unsent: Asked[] = [{ statement: statementOf('BEGIN') }];
  private isSending = false;
  private hasBegun = false;
  /** COMMIT was asked for: what came after it would run outside of the transaction. */
  private isClosed = false;
  /** Resolves when what was sent is answered; never rejects. */
  private answered: Promise<void> = Promise.resolve();
  /** Why nothing may be asked any more: it did not begin, failed while it did, or has ended. Outside of it nothing may run. */
  private over?: unknown;

  constructor(private readonly session: HeldSession) {}

  run(statement: Statement): Promise<QueryResult> {
    if (this.isClosed) return Promise.reject(new Error('the transaction has ended'));
    return this.asked(statement);
  }

  private asked(statement: Statement): Promise<QueryResult> {
    return new Promise((answer, fail) => {
      this.unsent.push({ statement, answer, fail });
      if (!this.isSending) void this.send();
    });
  }

  write(statement: Statement): void {
    if (this.isClosed) throw new Error('the transaction has ended');
    this.unsent.push({ statement });
  }

  /** @throws TransactionAborted where Postgres rolled back instead */
  async commit(): Promise<void> {
    if (!this.hasBegun && !this.isSending && this.unsent.length === 1) return; // BEGIN alone
    this.isClosed = true;
    const { command } = await this.asked(statementOf('COMMIT')).catch((error: unknown) => {
      throw errorCodeOf(error) === failedBefore ? new TransactionAborted(swallowed) : error;
    });
    if (command !== 'COMMIT') throw new TransactionAborted(swallowed);
    this.over = new Error('the transaction has ended');
  }

  async rollback(): Promise<void> {
    this.over ??= new Error('the transaction has ended');
    await this.answered;
    if (this.hasBegun) await this.session.series([statementOf('ROLLBACK')]);
  }

  private async send(): Promise<void> {
    this.isSending = true;
    await this.answered; // until the end of this turn at least
    this.isSending = false;
    const asked = this.unsent.splice(0);
    this.answered = this.over === undefined ? this.ask(asked) : this.refuse(asked, this.over);
  }

  private async ask(asked: readonly Asked[]): Promise<void> {
    const isFirst = !this.hasBegun;
    this.hasBegun = true;
    try {
      const results = await this.session.series(asked.map(({ statement }) => statement));
      asked.forEach(({ answer }, index) => answer?.(results[index]!));
    } catch (error) {
      if (isFirst) this.over ??= error;
      await this.refuse(asked, error);
    }
  }

  private refuse(asked: readonly Asked[], error: unknown): Promise<void> {
    for (const { fail } of asked) fail?.(error);
    return Promise.resolve();
  }
}

/**
 * Runs the work in one transaction of its own. That Postgres answers COMMIT with a rollback, as it does where an error was swallowed on the way, is an error:
 * the work would count as done and be lost.
 * @throws TransactionOverdue after `limitMs`, whatever the database does, also while no session is free
 */
export async function inTransaction<T>(dataSource: DataSource, work: (tx: Transaction) => T | Promise<T>, limitMs = Infinity): Promise<T> {
  if (limitMs === Infinity) return committed(await takeSession(dataSource), work);
  let overdue: TransactionOverdue | undefined;
  let held: HeldSession | undefined;
  const done = async () => {
    const session = await takeSession(dataSource);
    if (!overdue) return committed((held = session), work);
    session.release();
    throw overdue;
  };
  return new Promise<T>((resolve, reject) => {
    const limit = setTimeout(() => {
      overdue = new TransactionOverdue(`not committed within ${Math.round(limitMs)} ms`);
      held?.discard(overdue); // what runs on it fails as after a cut, so the pool has room again
      reject(overdue);
    }, limitMs);
    void done()
      .then(resolve, reject)
      .finally(() => clearTimeout(limit));
  });
}

async function committed<T>(session: HeldSession, work: (tx: Transaction) => T | Promise<T>): Promise<T> {
  const tx = new Transaction(session);
  let fault: Error | undefined;
  session.on('error', ignore);
  try {
    const result = await work(tx);
    await tx.commit();
    return result;
  } catch (error) {
    await tx.rollback().catch((failed: Error) => (fault = failed)); // the connection may be cut; the error that matters is the first
    throw error;
  } finally {
    session.release(fault); // thrown away where nobody knows what is open on it
    session.off('error', ignore);
  }
}

/** A cut session fails what runs on it, and everything after. */
const ignore = (): void => undefined;

/**
 * Runs one statement, prepared once per connection, and gives its rows, also those of `update … returning`. The text must be constant: values belong into
 * `values`. Several that are asked at the same time, by `Promise.all`, share a round trip and run in their order.
 */
export const run = async <Row = unknown>(tx: Transaction, sql: string, values: unknown[]): Promise<Row[]> =>
  (await tx.run(statementOf(sql, values))).rows as Row[];

/**
 * As `run`, for a statement that gives nothing: it goes out with the next one that does, or with COMMIT, and saves a round trip. That one fails with its error, so there
 * is nothing to catch around a `write`.
 */
export const write = (tx: Transaction, sql: string, values: unknown[]): void => tx.write(statementOf(sql, values));

/** SQL for an instant as the contracts write it, ISO 8601 in UTC with milliseconds. */
export const instantColumn = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The named fields of all rows as one array each, for `unnest($1::uuid[], $2::text[] …)`. */
export function columns<Row extends object>(rows: readonly Row[], ...fields: (keyof Row & string)[]): unknown[][] {
  return fields.map((field) => rows.map((row) => row[field] ?? null));
}
