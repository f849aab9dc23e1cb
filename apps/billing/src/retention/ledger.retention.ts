import { Background, inTransaction, type Transaction } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { config } from '../billing.config';
import { DAY_MS, type Instant } from '../ledger/hours';
import { closedTerms } from './closed.domain';
import { RetentionRepository } from './retention.repository';

/** Between two rounds, in real time: a term ends each month. */
const INTERVAL_MS = 6 * 3_600_000;
const FIRST_AFTER_MS = 10 * 60_000;
/** Subscriptions that are looked for at a time. */
const PAGE = 100;
/** Rows of one statement, where they are many. */
const ROWS = 5_000;
/** Statements of one kind in one round and ledger; what is left waits for the next. */
const PARTS = 50;
/** Between two transactions, so that usage goes between them. */
const PACE_MS = 20;
/** One term of one meter has at most an hour of use, and one by dimension, for each of its hours. */
const TERM_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Deletes what `USAGE_LEDGER_RETENTION` is over for, by business time: terms that are closed, one meter in one transaction under the lock of its subscription, so that the sums agree at every moment.
 * Copies of the service may do it side by side.
 */
@Injectable()
export class LedgerRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LedgerRetention.name);
  /** The last ledger that was begun: where one fails, the next round goes on behind it. */
  private after = FIRST_ID;
  private readonly background = new Background({
    name: LedgerRetention.name,
    round: async ({ stopping }) => {
      await this.clean(stopping);
      return INTERVAL_MS;
    },
    failure: 'old terms of usage were not deleted; the next round tries again',
    errorPauseMs: INTERVAL_MS,
  });

  constructor(
    private readonly database: DataSource,
    private readonly repository: RetentionRepository,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.background.start(FIRST_AFTER_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** Ends early when `stopping` aborts. @returns how many terms of a meter were deleted */
  async clean(stopping?: AbortSignal): Promise<number> {
    const before = Math.floor((this.clock.now().getTime() - config.values.USAGE_LEDGER_RETENTION) / DAY_MS) * DAY_MS;
    await this.inParts(stopping, (tx) => this.repository.removeDifferences(tx, before, ROWS));
    let terms = 0;
    for (let isMore = true; isMore && !stopping?.aborted;) {
      const ids = await this.transaction((tx) => this.repository.oldBehind(tx, this.after, before, PAGE));
      for (const id of ids) if (!stopping?.aborted) terms += await this.cleanLedger((this.after = id), before, stopping);
      isMore = ids.length === PAGE;
      if (!isMore) this.after = FIRST_ID;
    }
    if (terms > 0) this.logger.log({ terms, before: new Date(before).toISOString() }, 'closed terms of usage were deleted');
    return terms;
  }

  /** @returns how many terms were deleted */
  private async cleanLedger(id: string, before: Instant, stopping?: AbortSignal): Promise<number> {
    let terms = 0;
    while (!stopping?.aborted && (await this.transaction((tx) => this.removeTerm(tx, id, before)))) {
      terms += 1;
      await paced();
    }
    await this.inParts(stopping, async (tx) => {
      const isLocked = (await this.repository.lock(tx, id)) !== null;
      return isLocked ? this.repository.removeUncounted(tx, id, before, ROWS) : 0;
    });
    return terms;
  }

  /** @returns whether there was one */
  private async removeTerm(tx: Transaction, id: string, before: Instant): Promise<boolean> {
    const ledger = await this.repository.lock(tx, id);
    if (!ledger) return false;
    for (const closed of closedTerms(ledger.accounts, ledger.timeline, before)) {
      if (!(await this.repository.isClosed(tx, id, closed, before))) continue;
      this.repository.remove(tx, id, closed);
      return true;
    }
    return false;
  }

  private async inParts(stopping: AbortSignal | undefined, remove: (tx: Transaction) => Promise<number>): Promise<void> {
    for (let part = 0; part < PARTS && !stopping?.aborted; part += 1) {
      if ((await this.transaction(remove)) < ROWS) return;
      await paced();
    }
  }

  private transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return inTransaction(this.database, work, TERM_LIMIT_MS);
  }
}

const paced = () => new Promise((resolve) => setTimeout(resolve, PACE_MS));
