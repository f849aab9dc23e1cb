import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Background } from '../background';

/** How long a stop waits for the statement that is under way. */
const STOP_LIMIT_MS = 5_000;

/** A statement that deletes or changes a part of what is due, and finds the next part when it runs again. */
export interface PartialStatement {
  readonly sql: string;
  readonly values?: readonly unknown[];
  /** Rows of one part, so that none holds its locks for long: it is their `limit`. Fewer mean that nothing is left. */
  readonly rows: number;
  /** Parts of one round; what is left waits for the next. */
  readonly parts: number;
}

/**
 * Runs a statement until it finds nothing more, or its parts are done. Ends early when `stopping` aborts.
 * @returns how many rows it deleted or changed
 */
export async function inParts(
  database: DataSource,
  { sql, values = [], rows, parts }: PartialStatement,
  stopping?: AbortSignal,
): Promise<number> {
  let total = 0;
  for (let part = 0; part < parts && !stopping?.aborted; part += 1) {
    const [, count] = await database.query<[unknown[], number]>(sql, [...values]); // TypeORM gives rows and their number
    total += count;
    if (count < rows) break;
  }
  return total;
}

export interface CleanerOptions {
  readonly statements: readonly PartialStatement[];
  readonly intervalMs: number;
  /** The log's message about a round that failed. */
  readonly failure: string;
}

/** Takes out of a service's tables what has had its time, a part at a time. Copies of the service may do it side by side: what another one took is simply gone. */
export abstract class Cleaner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly background: Background;

  protected constructor(
    private readonly database: DataSource,
    private readonly options: CleanerOptions,
  ) {
    const { intervalMs, failure } = options;
    this.background = new Background({
      name: new.target.name,
      round: async ({ stopping }) => {
        await this.clean(stopping);
        return intervalMs;
      },
      failure,
      errorPauseMs: intervalMs,
    });
  }

  onApplicationBootstrap(): void {
    this.background.start(this.options.intervalMs);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /**
   * Ends early when `stopping` aborts.
   * @returns how many rows were deleted
   */
  async clean(stopping?: AbortSignal): Promise<number> {
    let total = 0;
    for (const statement of this.options.statements) total += await inParts(this.database, statement, stopping);
    return total;
  }
}
