import { columns, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { replaced } from '../ledger/account.domain';
import { isoOf } from '../ledger/hours';
import { isPlaced, type BilledHour } from '../ledger/ledger';
import { hourColumns, LedgerRepository } from '../rounds/ledger.repository';
import { billedHourOf, hourRow, type HourRow } from '../rounds/ledger.rows';
import type { ReportedBatch, ReportedHour } from './report.domain';

interface AnsweredRow extends HourRow {
  readonly batchId: string;
  readonly publisherId: string;
  readonly offerId: string;
}

@Injectable()
export class AnswerRepository {
  constructor(private readonly ledgers: LedgerRepository) {}

  async subscriptionsOf(tx: Transaction, batchIds: readonly string[]): Promise<string[]> {
    if (batchIds.length === 0) return [];
    const rows = await run<{ id: string }>(
      tx,
      `select distinct subscription_id as id from billing.hours where batch_id = any($1::uuid[])`,
      [batchIds],
    );
    return rows.map(({ id }) => id);
  }

  /** The hours of subscriptions that the caller has locked. */
  async load(tx: Transaction, batchIds: readonly string[]): Promise<ReportedBatch[]> {
    if (batchIds.length === 0) return [];
    const rows = await run<AnsweredRow>(
      tx,
      `select ${hourColumns}, h.batch_id as "batchId", s.publisher_id as "publisherId", s.offer_id as "offerId"
         from billing.hours h join billing.subscriptions s on s.id = h.subscription_id where h.batch_id = any($1::uuid[])`,
      [batchIds],
    );
    return [...Map.groupBy(rows, ({ batchId }) => batchId)].map(([batchId, some]) => ({
      ...{ batchId, before: [] },
      hours: some.map(({ batchId: _batch, publisherId, offerId, ...row }) => ({
        ...{ subscriptionId: row.subscriptionId, publisherId, offerId, hour: billedHourOf(row) },
      })),
    }));
  }

  /** Stores the answers; what of their units is due again goes back to its accounts, and is looked at soon. */
  async save(tx: Transaction, batches: readonly ReportedBatch[]): Promise<void> {
    if (batches.length === 0) return;
    const changes = batches.flatMap(({ hours, before }) => hours.map((after, place) => ({ after, before: before[place]! })));
    await this.place(tx, changes.filter(isPlacedOtherwise));
    const rows = changes.flatMap(({ after }) =>
      after.answers ? [{ ...hourRow(after.subscriptionId, after.hour), answer: JSON.stringify(after.answers) }] : [],
    );
    if (rows.length === 0) return;
    write(
      tx,
      `update billing.hours h set state = v.state, quantity = v.quantity, shares = v.shares, not_before = v.not_before, reason = v.reason,
              answers = h.answers || v.answer, changed_at = now()
         from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::numeric[], $6::jsonb[], $7::timestamptz[], $8::text[], $9::jsonb[])
              as v (subscription_id, dimension, hour, state, quantity, shares, not_before, reason, answer)
        where h.subscription_id = v.subscription_id and h.dimension = v.dimension and h.hour = v.hour`,
      columns(rows, 'subscriptionId', 'dimension', 'hour', 'state', 'quantity', 'shares', 'notBefore', 'reason', 'answer'),
    );
  }

  /** What of their units is due again goes back to its accounts, and is looked at soon. */
  async place(tx: Transaction, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const bySubscription = Map.groupBy(changes, ({ after }) => after.subscriptionId);
    const accounts = await this.ledgers.accountsOf(tx, [...bySubscription.keys()]);
    const placed = [...bySubscription].map(([id, own]) => ({
      id,
      accounts: own.reduce((some, { before, after }) => [...replaced(some, before, after.hour)], accounts.get(id) ?? []),
    }));
    this.ledgers.saveAccounts(tx, placed);
    const looks = changes.map(({ after }) => ({ id: after.subscriptionId, at: isoOf(after.hour.notBefore ?? 0) }));
    write(
      tx,
      `update billing.subscriptions s set look_at = least(s.look_at, v.at)
         from (select id, min(at) as at from unnest($1::uuid[], $2::timestamptz[]) as looks (id, at) group by id) v where s.id = v.id`,
      columns(looks, 'id', 'at'),
    );
  }
}

export interface Change {
  readonly after: ReportedHour;
  readonly before: BilledHour;
}

export const isPlacedOtherwise = ({ before, after }: Change): boolean =>
  isPlaced(before) !== isPlaced(after.hour) || before.quantity !== after.hour.quantity;
