import { instantColumn } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isMissingDismissedBy, isStillDismissed } from './dismissal.sql';
import type { ReconciliationDetail, ReconciliationView } from './reconciliation.view';

/** How many sweeps one answer shows: the newest ones. */
const SHOWN = 50;
/** How many subscriptions one answer names. */
const NAMED = 100;

const shown = `r.id, r.registration, r.occasion, r.is_whole as "isWhole", r.state, r.reason, ${instantColumn('r.started_at')} as "startedAt",
  ${instantColumn('r.ended_at')} as "endedAt", r.tally, r.found, r.asks, r.answers`;

/** Reads for operators. It locks nothing. */
@Injectable()
export class ReconciliationReader {
  constructor(private readonly database: DataSource) {}

  list(): Promise<ReconciliationView[]> {
    return this.database.query(`select ${shown} from fulfillment.reconciliations r order by r.started_at desc limit ${SHOWN}`);
  }

  async find(id: string): Promise<ReconciliationDetail | null> {
    const [row] = await this.database.query<ReconciliationView[]>(`select ${shown} from fulfillment.reconciliations r where r.id = $1`, [
      id,
    ]);
    if (!row) return null;
    const findings = await this.database.query<ReconciliationDetail['findings']>(
      `select subscription_id as "subscriptionId", finding from fulfillment.observations
        where (found_in = $1 or found_before_in = $1) and finding is not null order by subscription_id limit ${NAMED}`,
      [id],
    );
    const missing = await this.database.query<ReconciliationDetail['missing']>(
      `select o.subscription_id as "subscriptionId", o.missed from fulfillment.observations o
         join fulfillment.subscription_registrations b using (subscription_id)
        where b.registration = $1 and o.missed > 0 and o.record ->> 'status' <> 'Unsubscribed'
        order by o.missed desc, o.subscription_id limit ${NAMED}`,
      [row.registration],
    );
    const dismissed = await this.database.query<ReconciliationDetail['dismissed']>(dismissedBy, [id]);
    return { ...row, findings, missing, dismissed };
  }
}

const dismissedBy = `
  select o.subscription_id as "subscriptionId", o.answered_as as finding
    from fulfillment.observations o join fulfillment.reconciliations d on d.id = o.answered_in where o.answered_in = $1 and ${isStillDismissed}
  union all
  select o.subscription_id, 'missing' from fulfillment.observations o join fulfillment.subscription_registrations b using (subscription_id)
    join fulfillment.reconciliations r on r.registration = b.registration where r.id = $1 and ${isMissingDismissedBy('r')}
   order by 1 limit ${NAMED}`;
