import { Injectable } from '@nestjs/common';
import { instantColumn, pageOf, type Page } from '@landfall/messaging';
import { DataSource } from 'typeorm';
import type { Subscription } from './subscription';
import { subscriptionColumns } from './subscription.repository';
import { subscriptionView, type SubscriptionQuery, type SubscriptionView } from './subscription.view';

/** Reads for people and other services. It locks nothing. */
@Injectable()
export class SubscriptionReader {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string): Promise<SubscriptionView | null> {
    const rows: Row[] = await this.dataSource.query(`select ${shownColumns} from subscription.subscriptions s where s.id = $1`, [id]);
    return rows[0] ? viewOf(rows[0]) : null;
  }

  /** Those that have waited longest first. One that changes meanwhile goes to the end, and may be met again there. */
  async list({ stage, limit, after }: SubscriptionQuery): Promise<Page<SubscriptionView>> {
    const [changedAt, id] = after?.split('_') ?? [null, null];
    const rows: (Row & { cursor: string })[] = await this.dataSource.query(
      `select ${shownColumns}, to_char(s.changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || s.id as cursor
         from subscription.subscriptions s
        where s.stage = $1 and s.stage <> 'done' and s.status <> 'Unsubscribed'
          and ($2::timestamptz is null or (s.changed_at, s.id) > ($2::timestamptz, $3::uuid))
        order by s.changed_at, s.id limit $4`,
      [stage, changedAt, id, limit + 1],
    );
    return pageOf(rows, limit, ({ cursor }) => cursor, viewOf);
  }
}

const shownColumns = `${subscriptionColumns}, ${instantColumn('s.changed_at')} as "changedAt",
  (select coalesce(jsonb_agg(jsonb_build_object('operationId', o.operation_id, 'action', o.action)), '[]')
     from subscription.operations o
    where o.subscription_id = s.id and o.status in ('Announced', 'NotStarted', 'InProgress')) as "openOperations"`;

type Row = Subscription & Pick<SubscriptionView, 'openOperations' | 'changedAt'>;

/** Without what concerns the record alone. */
const viewOf = ({ id, ...subscription }: Row): SubscriptionView => subscriptionView.parse({ ...subscription, subscriptionId: id });
