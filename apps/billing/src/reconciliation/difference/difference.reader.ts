import { instantColumn, pageOf, type Page } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DifferenceQuery, DifferenceView } from './difference.view';

/** Reads differences for operators, the newest first. */
@Injectable()
export class DifferenceReader {
  constructor(private readonly database: DataSource) {}

  async list({ state, kind, subscriptionId, limit, after }: DifferenceQuery): Promise<Page<DifferenceView>> {
    const rows = await this.database.query<DifferenceView[]>(
      `select number::text, kind, state, publisher_id as "publisherId", subscription_id as "subscriptionId", dimension, plan_id as "planId", day::text,
              quantity::text, ours::text, unknown::text, submitted::text, processed::text, ${instantColumn('found_at')} as "foundAt",
              ${instantColumn('last_found_at')} as "lastFoundAt", ${instantColumn('ended_at')} as "endedAt"
         from billing.usage_differences
        where ($1::text is null or state = $1) and ($2::text is null or kind = $2) and ($3::uuid is null or subscription_id = $3)
          and ($4::bigint is null or number < $4)
        order by number desc limit $5`,
      [state ?? null, kind ?? null, subscriptionId ?? null, after ?? null, limit + 1],
    );
    return pageOf(rows, limit, ({ number }) => number);
  }
}
