import { instantColumn, pageOf, type Page } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SHOWN_BYTES, type HeldQuery, type HeldView, type RefusedQuery, type RefusedView } from './usage.view';

const cameBy = `partition, record_offset as "offset", substring(bytes for ${SHOWN_BYTES}) as content, length(bytes) as bytes`;

type Row<View> = Omit<View, 'content'> & { readonly number: string; readonly content: Buffer };

/** Reads for operators what is held and what is refused, the newest first. */
@Injectable()
export class UsageReader {
  constructor(private readonly database: DataSource) {}

  async refused({ subscriptionId, code, limit, after }: RefusedQuery): Promise<Page<RefusedView>> {
    const rows = await this.database.query<Row<RefusedView>[]>(
      `select number::text, code, reason, source, id, subscription_id as "subscriptionId", ${cameBy}, ${instantColumn('refused_at')} as "refusedAt"
         from billing.usage_refused
        where ($1::uuid is null or subscription_id = $1) and ($2::text is null or code = $2) and ($3::bigint is null or number < $3)
        order by number desc limit $4`,
      [subscriptionId ?? null, code ?? null, after ?? null, limit + 1],
    );
    return shown(rows, limit);
  }

  async held({ subscriptionId, limit, after }: HeldQuery): Promise<Page<HeldView>> {
    const rows = await this.database.query<Row<HeldView>[]>(
      `select number::text, source, id, subscription_id as "subscriptionId", meter, ${instantColumn('used_at')} as "usedAt", quantity::text,
              waits_for as "waitsFor", ${cameBy}, ${instantColumn('held_at')} as "heldAt"
         from billing.usage_held
        where ($1::uuid is null or subscription_id = $1) and ($2::bigint is null or number < $2)
        order by number desc limit $3`,
      [subscriptionId ?? null, after ?? null, limit + 1],
    );
    return shown(rows, limit);
  }
}

/** Bytes may be anything: what is no text is shown as U+FFFD. */
const shown = <View>(rows: readonly Row<View>[], limit: number): Page<View> =>
  pageOf(
    rows,
    limit,
    ({ number }) => number,
    (row) => ({ ...row, content: row.content.toString('utf8') }) as View,
  );
