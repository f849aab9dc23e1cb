import { Inject, Injectable, Logger } from '@nestjs/common';
import { areTablesOfAnotherVersion, errorCodeOf, isOutage } from '@landfall/service-defaults';
import { faultOf, type Failure } from '../dead-letter/attempts';
import { reasonOf } from '../failure';
import { countBatch } from '../metrics';
import { RANDOMNESS, type Randomness } from '../ports';
import { pause } from '../signal';
import { tookTooLong } from '../transaction';

/** A record on its way into the database, whatever is read of it. */
export interface Refusable {
  readonly record: { readonly partition: number; readonly offset: string; readonly key: string | null };
  failure?: Failure;
}

/** How a part of a batch is committed: whole or not at all. */
export type Apply<T extends Refusable> = (entries: readonly T[]) => Promise<void>;

const shortestPauseMs = 50;
const longestPauseMs = 1000;
/** A batch that takes too long so often in a row is taken apart, since its pieces may pass; a message alone becomes a dead letter, since it would hold up its partition for ever. */
const slowTries = { together: 3, alone: 10 };

/** The service stops while a batch waits for the database. Nothing of it is stored; Kafka delivers it again. */
export class Stopping extends Error {
  readonly code = 'STOPPING';
  readonly retriable = true;
}

/** Not even a dead letter of this record could be stored: the tables refuse it, and not the record is at fault. It is tried again. */
export class RecordRefused extends Error {
  readonly code = 'RECORD_REFUSED';
  readonly retriable = true;

  constructor(
    readonly record: Refusable['record'],
    error: unknown,
  ) {
    super(`not even a dead letter of partition ${record.partition}, offset ${record.offset}, could be stored: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Commits a batch, whatever happens. An outage is nobody's fault, nor are tables of another version: the same batch runs again, for ever, since the next one would fare no better
 * and skipping would lose order. Where SQL refuses the batch, or it takes too long three times, it is halved, in order, until the message at fault stands
 * alone; that one is tried once more with its failure set, so that it becomes a dead letter, or is refused. Rejects with `RecordRefused` where even that is refused.
 */
@Injectable()
export class Bisection {
  private readonly logger = new Logger('Batch');
  private readonly stopping = new AbortController();

  constructor(@Inject(RANDOMNESS) private readonly randomness: Randomness) {}

  /** From now on nobody waits for a database that is away. */
  stop(): void {
    this.stopping.abort();
  }

  async commit<T extends Refusable>(consumer: string, entries: readonly T[], apply: Apply<T>): Promise<void> {
    const error = await this.untilNoOutage(consumer, entries, apply);
    if (error === undefined) return;
    countBatch(consumer, 'refused');
    const [only, second] = entries;
    if (second === undefined) {
      if (!only || error instanceof Stopping) throw error;
      if (only.failure) throw new RecordRefused(only.record, error);
      only.failure = faultOf(error);
      return this.commit(consumer, entries, apply);
    }
    const middle = entries.length >> 1;
    await this.commit(consumer, entries.slice(0, middle), apply);
    await this.commit(consumer, entries.slice(middle), apply);
  }

  /** Gives the error with which the batch was refused, or nothing. */
  private async untilNoOutage<T extends Refusable>(consumer: string, entries: readonly T[], apply: Apply<T>): Promise<unknown> {
    const tries = entries.length > 1 ? slowTries.together : slowTries.alone;
    for (let outages = 0, slow = 0; ; outages++) {
      try {
        await apply(entries);
        countBatch(consumer, 'committed');
        return undefined;
      } catch (error) {
        slow = errorCodeOf(error) === tookTooLong ? slow + 1 : 0;
        if (!isOutage(error) || slow === tries) return error ?? new Error('refused without a reason');
        countBatch(consumer, 'outage');
        if (outages === 0 || outages % 60 === 59) this.tellOutage(consumer, outages + 1, error);
        if (this.stopping.signal.aborted) throw new Stopping('the service stops while the database is away');
        const pauseMs = Math.min(shortestPauseMs * 2 ** outages, longestPauseMs) * (0.9 + 0.2 * this.randomness.next());
        await pause(pauseMs, this.stopping.signal);
      }
    }
  }

  private tellOutage(consumer: string, outages: number, error: unknown): void {
    const fields = { consumer, outages, reason: reasonOf(error) };
    if (areTablesOfAnotherVersion(error))
      this.logger.error(fields, 'the tables are not of this version: the batch waits until they are brought up to date');
    else this.logger.warn(fields, 'the database is away: the batch waits');
  }
}
