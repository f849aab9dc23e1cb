import { Background } from '@landfall/messaging';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { config } from '../fulfillment.config';
import { ReconciliationRepository } from './reconciliation.repository';

const INTERVAL_MS = 15 * 60_000;
/** Rows of one statement, so that none holds its locks for long. */
const CHUNK = 1_000;
/** Chunks of one round; what is left waits for the next. */
const CHUNKS = 50;
/** How long a stop waits for the statement that is under way. */
const STOP_LIMIT_MS = 5_000;

/** Deletes sweeps when their retention is over. Copies of the service may do it side by side. */
@Injectable()
export class ReconciliationCleaner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly background = new Background({
    name: ReconciliationCleaner.name,
    round: async ({ stopping }) => {
      await this.clean(stopping);
      return INTERVAL_MS;
    },
    failure: 'old sweeps were not deleted; the next round tries again',
    errorPauseMs: INTERVAL_MS,
  });

  constructor(private readonly reconciliations: ReconciliationRepository) {}

  onApplicationBootstrap(): void {
    this.background.start(INTERVAL_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /**
   * Ends early when `stopping` aborts.
   * @returns how many sweeps were deleted
   */
  async clean(stopping?: AbortSignal): Promise<number> {
    let total = 0;
    for (let chunk = 0; chunk < CHUNKS && !stopping?.aborted; chunk += 1) {
      const count = await this.reconciliations.deleteOld(config.values.RECONCILIATION_RETENTION, CHUNK);
      total += count;
      if (count < CHUNK) break;
    }
    return total;
  }
}
