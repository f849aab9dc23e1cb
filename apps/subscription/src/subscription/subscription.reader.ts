import { Injectable } from '@nestjs/common';
import { instantColumn } from '@landfall/messaging';
import { DataSource } from 'typeorm';
import type { Subscription } from './subscription';
import { subscriptionColumns } from './subscription.repository';
import { subscriptionView, type SubscriptionView, type TransitionView } from './subscription.view';

/** How many transitions one answer shows: the newest ones. */
const transitionsShown = 500;

/** Reads for people and other services. It locks nothing. */
@Injectable()
export class SubscriptionReader {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string): Promise<SubscriptionView | null> {
    const rows: Row[] = await this.dataSource.query(
      `select ${subscriptionColumns},
              (select coalesce(jsonb_agg(jsonb_build_object('operationId', o.operation_id, 'action', o.action)), '[]')
                 from subscription.operations o
                where o.subscription_id = s.id and o.status in ('Announced', 'NotStarted', 'InProgress')) as "openOperations"
         from subscription.subscriptions s where s.id = $1`,
      [id],
    );
    return rows[0] ? viewOf(rows[0]) : null;
  }

  /** Oldest first; the newest ones where there are too many. */
  async history(id: string): Promise<TransitionView[]> {
    const rows: TransitionView[] = await this.dataSource.query(
      `select version, event, cause, action, "from", "to", changes, ${instantColumn('effective_at')} as "effectiveAt",
              effective_between as "effectiveBetween", observed_at as "observedAt"
         from subscription.transitions where subscription_id = $1 order by version desc limit $2`,
      [id, transitionsShown],
    );
    return rows.reverse();
  }
}

type Row = Subscription & Pick<SubscriptionView, 'openOperations'>;

/** Without what concerns the record alone. */
const viewOf = ({ id, ...subscription }: Row): SubscriptionView => subscriptionView.parse({ ...subscription, subscriptionId: id });
