import { instantColumn, run, type Transaction } from '@landfall/messaging';
import { Injectable, Logger } from '@nestjs/common';
import type { SubscriptionChange } from '../subscription/subscription';
import type { Drift } from './drift';
import { driftsFound } from './drift.metrics';

/** So many drifts of one sweep are kept: beyond that one cause is behind all of them. */
export const DRIFTS_OF_A_SWEEP = 10_000;

/** The columns of `subscription.drifts d` by the names of `Drift`. */
export const driftColumns = `
  d.id, d.member, d.ours, d.microsofts, jsonb_build_object('from', ${instantColumn('d.differs_from')}, 'to', ${instantColumn('d.differs_to')}) as since,
  ${instantColumn('d.found_at')} as "foundAt", ${instantColumn('d.last_found_at')} as "lastFoundAt", d.times_found as "timesFound", d.occasion,
  d.reconciliation_id as "reconciliationId", d.source, d.operation_id as "operationId", d.state, d.kept_reason as "keptReason",
  ${instantColumn('d.ended_at')} as "endedAt", d.event, d.version, d.end_reason as "endReason"`;

/** Writes drifts with the decision that met them, in its transaction: a message that comes again is not decided again, and adds none. */
@Injectable()
export class DriftRepository {
  private readonly logger = new Logger('Drifts');

  /** The open drifts of each subscription, whose rows the caller has locked. */
  async findOpen(tx: Transaction, subscriptionIds: string[]): Promise<Map<string, Drift[]>> {
    const rows = await run<Drift & { subscriptionId: string }>(
      tx,
      `select d.subscription_id as "subscriptionId", ${driftColumns}
         from subscription.drifts d where d.subscription_id = any($1) and d.state = 'open'`,
      [subscriptionIds],
    );
    const found = new Map<string, Drift[]>();
    for (const { subscriptionId, ...drift } of rows) found.set(subscriptionId, [...(found.get(subscriptionId) ?? []), drift]);
    return found;
  }

  async save(tx: Transaction, changes: readonly SubscriptionChange[]): Promise<void> {
    const rows = changes.flatMap(({ subscription: { id: subscriptionId }, drifts, changedDrifts }) =>
      drifts
        .filter(({ id }) => changedDrifts.includes(id))
        .map(({ since, ...drift }) => ({ subscriptionId, ...drift, differsFrom: since.from, differsTo: since.to })),
    );
    if (rows.length > 0) await this.write(tx, rows);
    const late = changes.flatMap(({ subscription: { id: subscriptionId }, lateExplanations }) =>
      lateExplanations.map((explanation) => ({ subscriptionId, ...explanation })),
    );
    if (late.length > 0) await run(tx, explain, [JSON.stringify(late)]);
  }

  private async write(tx: Transaction, rows: readonly Pick<Drift, 'member' | 'source'>[]): Promise<void> {
    const written = await run<{ isNew: boolean } & Pick<Drift, 'member' | 'source'>>(tx, upsert, [JSON.stringify(rows), DRIFTS_OF_A_SWEEP]);
    for (const { isNew, member, source } of written) if (isNew) driftsFound.inc({ member, cause: source });
    if (written.length < rows.length)
      this.logger.warn({ count: rows.length - written.length }, `a sweep found more than ${DRIFTS_OF_A_SWEEP} drifts: these are not kept`);
  }
}

/** Ended ones before new ones: a member has one open drift at most. */
const upsert = `
  with given as (
    select * from jsonb_to_recordset($1::jsonb) as t ("subscriptionId" uuid, id uuid, member text, ours jsonb, microsofts jsonb,
      "differsFrom" timestamptz, "differsTo" timestamptz, "foundAt" timestamptz, "lastFoundAt" timestamptz, "timesFound" int, occasion text,
      "reconciliationId" uuid, source text, "operationId" uuid, state text, "keptReason" text, "endedAt" timestamptz, event text, version int, "endReason" text)),
  kept as (
    select sweep.id, (select count(*) from (select from subscription.drifts d where d.reconciliation_id = sweep.id limit $2) as counted) as count
      from (select distinct "reconciliationId" as id from given where "reconciliationId" is not null) as sweep)
  insert into subscription.drifts as known (subscription_id, id, member, ours, microsofts, differs_from, differs_to, found_at, last_found_at, times_found,
         occasion, reconciliation_id, source, operation_id, state, kept_reason, ended_at, event, version, end_reason)
  select "subscriptionId", g.id, member, ours, microsofts, "differsFrom", "differsTo", "foundAt", "lastFoundAt", "timesFound",
         occasion, "reconciliationId", source, "operationId", state, "keptReason", "endedAt", event, version, "endReason"
    from given g left join kept on kept.id = g."reconciliationId"
   where coalesce(kept.count, 0) < $2 or exists (select from subscription.drifts d where d.id = g.id)
   order by (state = 'open'), g.id
  on conflict (id) do update
     set (microsofts, last_found_at, times_found, state, kept_reason, ended_at, event, version, end_reason, seen_at)
       = (excluded.microsofts, excluded.last_found_at, excluded.times_found, excluded.state, excluded.kept_reason, excluded.ended_at,
          excluded.event, excluded.version, excluded.end_reason, now())
  returning member, source, xmax = 0 as "isNew"`;

/** Of the drift that was repaired by the read of which the operation is learnt; an older one of the same member has another cause. */
const explain = `
  update subscription.drifts set operation_id = late."operationId"
    from jsonb_to_recordset($1::jsonb) as late ("subscriptionId" uuid, member text, "operationId" uuid, "setAt" timestamptz)
   where id = (select d.id from subscription.drifts d
                where d.subscription_id = late."subscriptionId" and d.member = late.member and d.state = 'repaired' and d.operation_id is null and d.ended_at = late."setAt"
                order by d.recorded_at desc limit 1)`;
