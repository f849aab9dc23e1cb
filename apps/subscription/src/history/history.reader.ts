import { Injectable } from '@nestjs/common';
import { instantColumn, pageOf, type Page } from '@landfall/messaging';
import { DataSource, type QueryRunner } from 'typeorm';
import type { ExportQuery, HistoryQuery, TransitionView } from './history.view';
import { sentenceOf } from './sentence';

/** Exports that run at the same time: each has a connection of the pool, and keeps Postgres from clearing up what was deleted since it began. */
const exportsAtMost = 2;
/** One that has not ended by then is cut off: whoever reads so slowly asks for shorter ranges. */
const exportLimitMs = 10 * 60_000;
/** Entries that are read at once: what an export has in memory, and what its reader takes before more is asked for. */
const entriesAtOnce = 500;

/** Two exports are running: another one may begin when one of them has ended. */
export class TooManyExports extends Error {
  readonly code = 'TOO_MANY_EXPORTS';
  readonly retriable = true;
}

/** The reader of an export was so slow that it was cut off, in the middle of its answer. */
export class ExportOverdue extends Error {
  readonly code = 'EXPORT_OVERDUE';
  readonly retriable = true;
}

type Row = Omit<TransitionView, 'summary'>;

/** Reads the history for people. It locks nothing. */
@Injectable()
export class HistoryReader {
  private running = 0;

  constructor(private readonly dataSource: DataSource) {}

  /** The oldest first. */
  async page(id: string, { limit, after }: HistoryQuery): Promise<Page<TransitionView>> {
    const rows: Row[] = await this.dataSource.query(
      `select ${shownColumns} from subscription.transitions where subscription_id = $1 and entry > $2 order by entry limit $3`,
      [id, after, limit + 1],
    );
    return pageOf(rows, limit, ({ entry }) => String(entry), shown);
  }

  /** The newest entries of some subscriptions that a person brought about, in the order in which they were written. */
  async actsOf(objectId: string, subscriptionIds: readonly string[], limit: number): Promise<TransitionView[]> {
    const rows: Row[] = await this.dataSource.query(
      `select ${shownColumns} from subscription.transitions
        where subscription_id = any($1::uuid[]) and actor ->> 'id' = $2 order by recorded_at desc, subscription_id, entry desc limit $3`,
      [subscriptionIds, objectId, limit],
    );
    return rows.reverse().map(shown);
  }

  /**
   * All entries that were written in a range of time, one JSON document a line; those of a subscription together and in order. All of it as it was at one
   * moment, read a piece at a time and only as fast as it is taken.
   * @throws TooManyExports
   */
  async *lines({ from, to }: ExportQuery): AsyncGenerator<string> {
    if (this.running >= exportsAtMost) throw new TooManyExports(`${exportsAtMost} exports of the history are running`);
    this.running += 1;
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction('REPEATABLE READ');
      await runner.query(
        `declare exported no scroll cursor for
         select ${shownColumns} from subscription.transitions
          where recorded_at >= $1 and ($2::timestamptz is null or recorded_at < $2) order by subscription_id, entry`,
        [from, to ?? null],
      );
      yield* piecesOf(runner);
    } finally {
      this.running -= 1;
      await runner.rollbackTransaction().catch(() => undefined); // nothing was written
      await runner.release();
    }
  }
}

async function* piecesOf(runner: QueryRunner): AsyncGenerator<string> {
  const deadline = performance.now() + exportLimitMs;
  for (;;) {
    const rows = (await runner.query(`fetch ${entriesAtOnce} from exported`)) as Row[];
    if (rows.length === 0) return;
    yield rows.map((row) => `${JSON.stringify(shown(row))}\n`).join('');
    if (performance.now() > deadline) throw new ExportOverdue(`not taken within ${exportLimitMs / 60_000} minutes`);
  }
}

const shown = (row: Row): TransitionView => ({ ...row, summary: sentenceOf(row) });

const shownColumns = `subscription_id as "subscriptionId", entry, event, version, sequence, actor, on_behalf_of as "onBehalfOf", cause,
  operation_id as "operationId", action, reason, correlation_id as "correlationId", causation_id as "causationId", "from", "to", changes,
  ${instantColumn('effective_at')} as "effectiveAt", effective_between as "effectiveBetween", ${instantColumn('observed_at')} as "observedAt",
  ${instantColumn('recorded_at')} as "recordedAt"`;
