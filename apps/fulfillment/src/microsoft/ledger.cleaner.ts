import { Background } from '@landfall/messaging';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Injection token: how long the ledger of calls is kept, in milliseconds. */
export const LEDGER_RETENTION_MS = Symbol('LEDGER_RETENTION_MS');

export const INTERVAL_MS = 15 * 60_000;
/** Rows of one statement, so that none holds its locks for long. */
const CHUNK = 5_000;
/** Chunks of one round; what is left waits for the next. */
const CHUNKS = 200;
/** How long a stop waits for the statement that is under way. */
const STOP_LIMIT_MS = 5_000;

/** Deletes calls from the ledger when their retention is over. Copies of the service may do it side by side. */
@Injectable()
export class LedgerCleaner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly background = new Background({
    name: LedgerCleaner.name,
    round: async ({ stopping }) => {
      await this.clean(stopping);
      return INTERVAL_MS;
    },
    failure: 'the ledger of calls was not cleaned; the next round tries again',
    errorPauseMs: INTERVAL_MS,
  });

  constructor(
    private readonly database: DataSource,
    @Inject(LEDGER_RETENTION_MS) private readonly retentionMs: number,
  ) {}

  onApplicationBootstrap(): void {
    this.background.start(INTERVAL_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /**
   * Ends early when `stopping` aborts.
   * @returns how many calls were deleted
   */
  async clean(stopping?: AbortSignal): Promise<number> {
    let total = 0;
    for (let chunk = 0; chunk < CHUNKS && !stopping?.aborted; chunk += 1) {
      const [, count] = await this.database.query<[unknown[], number]>(
        `delete from fulfillment.calls where ctid in
           (select ctid from fulfillment.calls where started_at < now() - make_interval(secs => $1) limit ${CHUNK})`,
        [this.retentionMs / 1_000],
      );
      total += count;
      if (count < CHUNK) break;
    }
    return total;
  }
}
