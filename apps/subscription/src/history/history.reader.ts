import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { instantColumn, LineExport, pageOf, type Page } from '@landfall/messaging';
import { DataSource } from 'typeorm';
import type { ExportQuery, HistoryQuery, TransitionView } from './history.view';
import { sentenceOf } from './sentence';

type Row = Omit<TransitionView, 'summary'>;

/** Reads the history for people. It locks nothing. */
@Injectable()
export class HistoryReader {
  private readonly exports: LineExport;

  constructor(private readonly dataSource: DataSource) {
    this.exports = new LineExport(dataSource, 'the history');
  }

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

  /** All entries that were written in a range of time, one JSON document a line; those of a subscription together and in order. */
  export({ from, to }: ExportQuery): Promise<Readable> {
    return this.exports.begin(
      `select ${shownColumns} from subscription.transitions
        where recorded_at >= $1 and ($2::timestamptz is null or recorded_at < $2) order by subscription_id, entry`,
      [from, to ?? null],
      shown,
    );
  }
}

const shown = (row: Row): TransitionView => ({ ...row, summary: sentenceOf(row) });

const shownColumns = `subscription_id as "subscriptionId", entry, event, version, sequence, actor, on_behalf_of as "onBehalfOf", cause,
  operation_id as "operationId", action, reason, correlation_id as "correlationId", causation_id as "causationId", "from", "to", changes,
  ${instantColumn('effective_at')} as "effectiveAt", effective_between as "effectiveBetween", ${instantColumn('observed_at')} as "observedAt",
  ${instantColumn('recorded_at')} as "recordedAt"`;
