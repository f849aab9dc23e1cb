import { instantColumn, pageOf, type Page } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { driftColumns } from './drift.repository';
import type { DriftQuery, DriftView } from './drift.view';

/** Reads drifts for operators. It locks nothing. */
@Injectable()
export class DriftReader {
  constructor(private readonly database: DataSource) {}

  /** The newest first. Those that are found meanwhile are on the first page alone. */
  async list({ subscriptionId, state, reconciliationId, since, limit, after }: DriftQuery): Promise<Page<DriftView>> {
    const [recordedAt, id] = after?.split('_') ?? [null, null];
    const rows = await this.database.query<(DriftView & { cursor: string })[]>(
      `select d.subscription_id as "subscriptionId", ${driftColumns}, ${instantColumn('d.recorded_at')} as "recordedAt",
              to_char(d.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || d.id as cursor
         from subscription.drifts d
        where ($1::uuid is null or d.subscription_id = $1) and ($2::text is null or d.state = $2)
          and ($3::uuid is null or d.reconciliation_id = $3) and ($4::timestamptz is null or d.recorded_at >= $4)
          and ($5::timestamptz is null or (d.recorded_at, d.id) < ($5::timestamptz, $6::uuid))
        order by d.recorded_at desc, d.id desc limit $7`,
      [subscriptionId ?? null, state ?? null, reconciliationId ?? null, since ?? null, recordedAt, id, limit + 1],
    );
    return pageOf(
      rows,
      limit,
      ({ cursor }) => cursor,
      ({ cursor: _cursor, ...drift }) => drift,
    );
  }
}
