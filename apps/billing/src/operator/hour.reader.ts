import { instantColumn, pageOf, type Page } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isoOf } from '../ledger/hours';
import type { HourQuery, HourView } from './hour.view';

/** Reads hours for operators, the oldest first: those are the nearest to their deadlines. */
@Injectable()
export class HourReader {
  constructor(private readonly database: DataSource) {}

  async list({ state, subscriptionId, day, limit, after }: HourQuery): Promise<Page<HourView>> {
    const [hour, id, ...dimension] = after?.split('_') ?? [];
    const rows = await this.database.query<HourView[]>(
      `select h.subscription_id as "subscriptionId", h.dimension, ${instantColumn('h.hour')} as hour, s.publisher_id as "publisherId",
              h.plan_id as "planId", h.meter, h.quantity::text, h.state, h.reason, ${instantColumn('h.effective_start')} as "effectiveStart",
              ${instantColumn('h.deadline')} as deadline, h.answers, h.decisions, ${instantColumn('h.changed_at')} as "changedAt"
         from billing.hours h join billing.subscriptions s on s.id = h.subscription_id
        where ($1::text is null or h.state = $1) and ($2::uuid is null or h.subscription_id = $2)
          and ($3::timestamptz is null or (h.hour, h.subscription_id, h.dimension) > ($3, $4::uuid, $5::text))
          and ($6::timestamptz is null or h.hour >= $6::timestamptz and h.hour < $6::timestamptz + interval '1 day')
        order by h.hour, h.subscription_id, h.dimension limit $7`,
      [
        state ?? (subscriptionId ? null : 'held'),
        subscriptionId ?? null,
        hour ?? null,
        id ?? null,
        after ? dimension.join('_') : null,
        day ? `${day}T00:00:00Z` : null,
        limit + 1,
      ],
    );
    return pageOf(rows, limit, (row) => `${isoOf(Date.parse(row.hour))}_${row.subscriptionId}_${row.dimension}`);
  }
}
