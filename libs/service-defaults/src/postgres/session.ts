import { Client, type ClientConfig, type QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import { isSessionIll } from './outage';
import { sessionSettings, type SessionTarget } from './session.settings';
import { StatementSeries, type Statement } from './statement.series';

/** How long a session that is told to end may take to say goodbye; one whose server hangs would take as long as the system's own limits allow. */
const GOODBYE_LIMIT_MS = 2_000;

type Overloaded = (...given: readonly unknown[]) => unknown;
type Callback = (error: unknown, ...results: readonly unknown[]) => void;

/**
 * A connection to Postgres that nobody uses again once it is ill: cut, without an answer, or able to read only since a fail-over. To try again on it would
 * fail for ever. It ends itself, and a pool learns of it by the event `ill`.
 */
export class DatabaseSession extends Client {
  readonly openedAt = performance.now();
  private isDiscarded = false;

  /**
   * As `Client.query`, with a promise or a callback. A session that the error shows to be ill has ended when its caller learns of the error. What pg calls
   * a submittable (a cursor, a stream, `COPY`) hands its errors to nobody but itself: whoever uses one discards the session.
   */
  override query(...given: readonly never[]): never {
    const last: unknown = given.at(-1);
    if (typeof last === 'function') {
      const observed: Callback = (error, ...results) => {
        if (isSessionIll(error)) this.discard(error);
        (last as Callback)(error, ...results);
      };
      return (super.query as Overloaded)(...given.slice(0, -1), observed) as never;
    }
    const answer = (super.query as Overloaded)(...given);
    if (answer instanceof Promise)
      answer.catch((error: unknown) => {
        if (isSessionIll(error)) this.discard(error); // the caller gets the error itself
      });
    return answer as never;
  }

  /**
   * Sends the statements in one write and gives the result of each, once all are answered. Where one fails, it rejects with its error and what is behind it has
   * not run. As `query` otherwise.
   */
  async series(statements: readonly Statement[]): Promise<readonly QueryResult[]> {
    try {
      return await new Promise((resolve, reject) => {
        super.query(new StatementSeries(statements, (error, results) => (results ? resolve(results) : reject(error as Error))));
      });
    } catch (error) {
      if (isSessionIll(error)) this.discard(error);
      Error.captureStackTrace(error as Error); // who asked, instead of the socket that brought it
      throw error;
    }
  }

  /** Ends the session at once, whatever runs on it: what does fails as after a cut connection. */
  discard(reason: unknown): void {
    if (this.isDiscarded) return;
    this.isDiscarded = true;
    this.emit('ill', reason);
    void this.end();
    this.connection.stream.destroy();
  }

  /** As `Client.end`, in a bounded time. */
  override end(...given: readonly never[]): never {
    const goodbye = setTimeout(() => this.connection.stream.destroy(), GOODBYE_LIMIT_MS);
    goodbye.unref();
    this.once('end', () => clearTimeout(goodbye));
    return (super.end as Overloaded)(...given) as never;
  }
}

/**
 * A connection of its own beside the pool, for whoever holds locks with it. It has to be connected, listened to for errors and ended by its holder, who opens
 * another one after any error.
 */
export function openSession(database: DataSource, name: string, settings: ClientConfig = {}): Client {
  const { url = '', ssl } = database.options as Partial<SessionTarget>;
  return new DatabaseSession({ ...sessionSettings({ url, ssl, name }), ...settings });
}
