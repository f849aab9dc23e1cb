import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Injection token: how long the ledger of calls is kept, in milliseconds. */
export const LEDGER_RETENTION_MS = Symbol('LEDGER_RETENTION_MS');

const INTERVAL_MS = 15 * 60_000;
/** Rows of one statement, so that none holds its locks for long. */
const CHUNK = 5_000;
/** Chunks of one round; what is left waits for the next. */
const CHUNKS = 200;

/** Deletes calls from the ledger when their retention is over. Copies of the service may do it side by side. */
@Injectable()
export class LedgerCleaner implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LedgerCleaner.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: DataSource,
    @Inject(LEDGER_RETENTION_MS) private readonly retentionMs: number,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.round(), INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    clearInterval(this.timer);
  }

  /** @returns how many calls were deleted */
  async clean(): Promise<number> {
    let total = 0;
    for (let chunk = 0; chunk < CHUNKS && !this.stopped; chunk += 1) {
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

  private async round(): Promise<void> {
    try {
      await this.clean();
    } catch (error) {
      this.logger.warn({ err: error }, 'the ledger of calls was not cleaned; the next round tries again');
    }
  }
}
