import type { Readable } from 'node:stream';
import { ServiceUnavailableException } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';
import { exportStream } from './export.stream';

/** Exports that run at the same time: each has a connection of the pool, and keeps Postgres from clearing up what was deleted since it began. */
const exportsAtMost = 2;
/** One that has not ended by then is cut off: whoever reads so slowly asks for shorter ranges. */
const exportLimitMs = 10 * 60_000;
/** Rows that are read at once: what an export has in memory, and what its reader takes before more is asked for. */
const rowsAtOnce = 500;

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

/** All rows of a query as NDJSON, for the endpoints of a service that owns them. */
export class LineExport {
  private running = 0;

  /** @param what is exported, in words: `the history` */
  constructor(
    private readonly database: DataSource,
    private readonly what: string,
  ) {}

  /**
   * One JSON document a row, as all of them were at one moment, read a piece at a time and only as fast as they are taken. The first piece is there before the answer begins: until then
   * what goes wrong is a problem document, and after that a cut answer.
   * @throws ServiceUnavailableException where two are running
   */
  async begin<Row>(sql: string, values: readonly unknown[], shown: (row: Row) => unknown): Promise<Readable> {
    const lines = this.lines(sql, values, shown);
    const first = await lines.next().catch((error: unknown) => {
      throw error instanceof TooManyExports ? new ServiceUnavailableException(error.message, { cause: error }) : error;
    });
    return exportStream(first, lines);
  }

  private async *lines<Row>(sql: string, values: readonly unknown[], shown: (row: Row) => unknown): AsyncGenerator<string> {
    if (this.running >= exportsAtMost) throw new TooManyExports(`${exportsAtMost} exports of ${this.what} are running`);
    this.running += 1;
    const runner = this.database.createQueryRunner();
    try {
      await runner.startTransaction('REPEATABLE READ');
      await runner.query(`declare exported no scroll cursor for ${sql}`, [...values]);
      yield* piecesOf(runner, shown);
    } finally {
      this.running -= 1;
      await runner.rollbackTransaction().catch(() => undefined); // nothing was written
      await runner.release();
    }
  }
}

async function* piecesOf<Row>(runner: QueryRunner, shown: (row: Row) => unknown): AsyncGenerator<string> {
  const deadline = performance.now() + exportLimitMs;
  for (;;) {
    const rows = (await runner.query(`fetch ${rowsAtOnce} from exported`)) as Row[];
    if (rows.length === 0) return;
    yield rows.map((row) => `${JSON.stringify(shown(row))}\n`).join('');
    if (performance.now() > deadline) throw new ExportOverdue(`not taken within ${exportLimitMs / 60_000} minutes`);
  }
}
