import { Cleaner } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { config } from '../fulfillment.config';
import { isAsking } from './observation.repository';
import { isMissingDismissedBy, isStillDismissed } from './operators/dismissal.sql';

const ROWS = 1_000;

/**
 * Deletes sweeps when their retention is over: never the newest of a registration, nor the newest complete one, nor one that asks an operator or whose
 * findings are not handed over yet, nor one by which something is dismissed that still differs.
 */
@Injectable()
export class ReconciliationCleaner extends Cleaner {
  constructor(database: DataSource) {
    super(database, {
      statements: [{ sql, values: [config.values.RECONCILIATION_RETENTION / 1_000], rows: ROWS, parts: 50 }],
      intervalMs: 15 * 60_000,
      failure: 'old sweeps were not deleted; the next round tries again',
    });
  }
}

const sql = `
  delete from fulfillment.reconciliations where id in
    (select r.id from fulfillment.reconciliations r
      where r.ended_at < now() - make_interval(secs => $1) and not ${isAsking('r')}
        and exists (select from fulfillment.reconciliations newer where newer.registration = r.registration
                     and newer.started_at > r.started_at and (r.state = 'incomplete' or newer.state = 'complete'))
        and not exists (select from fulfillment.observations o where o.found_in = r.id and o.finding is not null)
        and not exists (select from fulfillment.observations o join fulfillment.reconciliations d on d.id = o.answered_in
                         where o.answered_in = r.id and ${isStillDismissed})
        and not exists (select from fulfillment.observations o join fulfillment.subscription_registrations b using (subscription_id)
                         where b.registration = r.registration and ${isMissingDismissedBy('r')})
      limit ${ROWS})`;
