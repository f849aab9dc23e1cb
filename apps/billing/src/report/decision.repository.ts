import { columns, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { hourRow } from '../rounds/ledger.rows';
import { AnswerRepository, isPlacedOtherwise, type Change } from './answer.repository';

/** Who decided about an hour, and by what: it is kept with the hour. */
export type DecidedBy =
  | { readonly by: 'list'; readonly at: string; readonly readId: string; readonly quantity: string; readonly count: number }
  | { readonly by: 'operator'; readonly at: string; readonly act: string; readonly actor: string; readonly reason: string };

/** An hour about which something else than an answer has decided. */
export interface Decision extends Change {
  readonly decidedBy: DecidedBy;
  /** Under which it is handed over now; null: it is not. */
  readonly batchId: string | null;
}

/** Writes decisions about hours of subscriptions that the caller has locked. */
@Injectable()
export class DecisionRepository {
  constructor(private readonly answers: AnswerRepository) {}

  async save(tx: Transaction, decisions: readonly Decision[]): Promise<void> {
    if (decisions.length === 0) return;
    await this.answers.place(tx, decisions.filter(isPlacedOtherwise));
    const ids = decisions.flatMap(({ before, after }) => (before.state === 'held' ? [after.subscriptionId] : []));
    write(tx, `update billing.subscriptions set look_at = 'epoch' where id = any($1::uuid[])`, [ids]); // what was confirmed is history from now on
    const rows = decisions.map(({ after, before, batchId, decidedBy }) => ({
      ...hourRow(after.subscriptionId, after.hour),
      ...{ batchId, decision: JSON.stringify([{ ...decidedBy, from: before.state, to: after.hour.state }]) },
    }));
    write(
      tx,
      `update billing.hours h set state = v.state, quantity = v.quantity, shares = v.shares, not_before = v.not_before, reason = v.reason,
              confirmed = v.confirmed, batch_id = coalesce(v.batch_id, h.batch_id), decisions = h.decisions || v.decision, changed_at = now()
         from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::numeric[], $6::jsonb[], $7::timestamptz[], $8::text[], $9::uuid[], $10::jsonb[],
                     $11::numeric[])
              as v (subscription_id, dimension, hour, state, quantity, shares, not_before, reason, batch_id, decision, confirmed)
        where h.subscription_id = v.subscription_id and h.dimension = v.dimension and h.hour = v.hour`,
      columns(
        rows,
        ...(['subscriptionId', 'dimension', 'hour', 'state', 'quantity', 'shares'] as const),
        ...(['notBefore', 'reason', 'batchId', 'decision', 'confirmed'] as const),
      ),
    );
  }
}
