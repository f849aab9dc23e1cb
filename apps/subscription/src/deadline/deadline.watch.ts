import { Background, UnitOfWork } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { traced } from '../history/trace';
import type { SubscriptionChange } from '../subscription/subscription';
import { config } from '../subscription.config';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { deadlineInWords, passDueMilestone } from './deadline.domain';
import { DeadlineRepository } from './deadline.repository';

/** Subscriptions of one transaction. */
const CHUNK = 100;
/** Transactions of one round; what is left waits for the next. */
const CHUNKS = 100;
const STOP_LIMIT_MS = 5_000;

/**
 * Passes the milestones of deadlines that are due. Copies of the service may do it side by side: a milestone is recorded in the row that it is about, under its lock.
 * What came due while no copy ran is passed in the first round after that.
 */
@Injectable()
export class DeadlineWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly background = new Background({
    name: DeadlineWatch.name,
    round: async ({ stopping }) => {
      await this.round(stopping);
      return config.values.DEADLINE_INTERVAL;
    },
    failure: 'deadlines were not looked at; the next round tries again',
    errorPauseMs: () => config.values.DEADLINE_INTERVAL,
  });

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionRepository,
    private readonly deadlines: DeadlineRepository,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.background.start(config.values.DEADLINE_INTERVAL);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /**
   * Passes what is due now, a bounded number of milestones. Ends early when `stopping` aborts.
   * @returns how many were passed
   */
  async round(stopping?: AbortSignal): Promise<number> {
    let total = 0;
    for (let chunk = 0; chunk < CHUNKS && !stopping?.aborted; chunk += 1) {
      const passed = await this.passChunk(this.clock.now());
      total += passed;
      if (passed < CHUNK) break;
    }
    return total;
  }

  private passChunk(now: Date): Promise<number> {
    return this.unitOfWork.inTransaction(async (tx, append) => {
      const ids = await this.deadlines.lockDue(tx, now, CHUNK);
      if (ids.length === 0) return 0;
      const loaded = await this.subscriptions.lock(tx, ids);
      const passed: SubscriptionChange[] = [];
      for (const current of loaded.values()) {
        const cause = { id: randomUUID() };
        const reason = deadlineInWords(current.subscription);
        const outcome = traced({ causationId: cause.id, ...(reason && { reason }) }, passDueMilestone(current, now));
        if (outcome.kind !== 'changed') continue;
        passed.push(outcome.state);
        append(outcome.effects, cause);
      }
      await this.subscriptions.save(tx, passed);
      return passed.length;
    });
  }
}
