import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { selectSubscription } from './subscription.repository';
import type { SubscriptionView, TransitionView } from './subscription.view';

/** The newest steps of a history that one answer holds. */
const transitionsShown = 500;

/** Reads for people and other services. It locks nothing. */
@Injectable()
export class SubscriptionReader {
  constructor(private readonly dataSource: DataSource) {}

  async find(id: string): Promise<SubscriptionView | null> {
    const [row]: (SubscriptionView & { id: string })[] = await this.dataSource.query(`${selectSubscription} where s.id = $1`, [id, 0]);
    return row ? { ...row, subscriptionId: row.id } : null;
  }

  /** Oldest first; the newest ones where there are too many. */
  async history(id: string): Promise<TransitionView[]> {
    const rows: TransitionView[] = await this.dataSource.query(
      `select version, event, cause, action, "from", "to", observed_at as "observedAt"
         from subscription.transitions where subscription_id = $1 order by version desc limit $2`,
      [id, transitionsShown],
    );
    return rows.reverse();
  }
}
