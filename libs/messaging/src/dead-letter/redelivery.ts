import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Background } from '../background';
import { BatchProcessor } from '../consumer/batch.processor';
import type { TopicHandler } from '../consumer/topic.handler';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { RANDOMNESS, type Randomness } from '../ports';
import { inTransaction } from '../transaction';
import { DeadLetterRepository, type DueKey } from './dead-letter.repository';
import { RedeliveredBatch, redeliveredEntries } from './redelivered.batch';

/** Keys of one round, and messages of one key in it. */
const keysPerRound = 50;
const messagesPerKey = 20;
/** Of one batch, which is in one transaction; exceeded by one message at most. */
const batchBytes = 4 * 1024 * 1024;
/** How often it looks without a signal: for what other copies left behind. For a key that becomes due it wakes in time. */
const idleMs = 5000;
/** After a round that failed. */
const errorPauseMs = 1000;
/** Never more often: the shortest delay is 250 ms. */
const leastMs = 100;

/** Delivers dead letters again, in order per key, each key when its delay is over. */
@Injectable()
export class Redelivery {
  private readonly background: Background;
  private handlers = new Map<string, TopicHandler>();
  private nextDueMs: number | null = null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly batches: BatchProcessor,
    private readonly deadLetters: DeadLetterRepository,
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(RANDOMNESS) private readonly randomness: Randomness,
  ) {
    this.background = new Background({
      name: 'Redelivery',
      round: () => this.round(),
      failure: 'a round of redelivery failed; its keys are tried again',
      errorPauseMs,
      wake: deadLetters.added,
      leastPauseMs: leastMs,
    });
  }

  serve(handlers: readonly TopicHandler[]): void {
    this.handlers = new Map(handlers.map((handler) => [handler.consumer, handler]));
  }

  start(): void {
    if (this.handlers.size > 0) this.background.start();
  }

  stop(): Promise<void> {
    return this.background.stop();
  }

  /** Tries what is due, once; with `all`, every blocked key that is not dead. Gives the number of keys. */
  async redeliver(all = false): Promise<number> {
    const consumers = [...this.handlers.keys()];
    const keys = await inTransaction(this.dataSource, async (tx) => {
      const due = await this.deadLetters.due(tx, consumers, keysPerRound, all);
      this.nextDueMs = due.length > 0 ? 0 : await this.deadLetters.untilNextDue(tx, consumers);
      return due;
    });
    const byConsumer = Map.groupBy(keys, ({ consumer }) => consumer);
    const ends = await Promise.allSettled([...byConsumer].map(([consumer, due]) => this.redeliverTo(this.handlers.get(consumer)!, due)));
    const failed = ends.find((end) => end.status === 'rejected'); // thrown when all have ended: a round leaves nothing running
    if (failed) throw failed.reason;
    return keys.length;
  }

  private async redeliverTo(handler: TopicHandler, due: DueKey[]): Promise<void> {
    for (let left = due; left.length > 0;) {
      const keys = left.map(({ key }) => key);
      const rows = await inTransaction(this.dataSource, (tx) =>
        this.deadLetters.first(tx, handler.consumer, keys, messagesPerKey, batchBytes),
      );
      if (rows.length === 0) return;
      const batch = new RedeliveredBatch(handler, left, this.service.name, this.deadLetters, this.randomness);
      await this.batches.process(batch, redeliveredEntries(handler, rows));
      const tried = new Set(rows.map(({ key }) => key));
      left = left.filter(({ key }) => !tried.has(key));
    }
  }

  private async round(): Promise<number> {
    const tried = await this.redeliver();
    if (tried === keysPerRound) return 0;
    if (tried > 0) return leastMs; // when they are due again is known after their attempt
    return Math.max(leastMs, Math.min(idleMs, this.nextDueMs ?? idleMs)); // one that is due already is in the hands of another copy
  }
}
