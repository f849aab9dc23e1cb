import { Injectable } from '@nestjs/common';
import { type Transaction, withoutPersonalData, write } from '@landfall/messaging';
import type { SubscriptionChange } from '../subscription/subscription';
import { traceOf } from './trace';
import type { Transition } from './transition';

/** Writes the history, with the decision and in its transaction. The database refuses every change of what is written. */
@Injectable()
export class HistoryRepository {
  /** One statement for all rows of a batch. The row of a subscription is locked, so nobody else numbers its entries meanwhile. */
  add(tx: Transaction, changes: readonly SubscriptionChange[]): void {
    const rows = changes.flatMap(({ subscription: { id }, newTransitions }) =>
      newTransitions.map(({ trace, ...transition }, position) => ({
        ...{ subscriptionId: id, position, ...transition, ...withoutAddresses(transition) },
        ...(trace ?? traceOf(transition, {})),
      })),
    );
    if (rows.length > 0) write(tx, insert, [JSON.stringify(rows)]);
  }
}

/** A product or Microsoft may name somebody in a reason, and what is written here can never be erased. */
const withoutAddresses = ({ reason, changes }: Pick<Transition, 'reason' | 'changes'>): Pick<Transition, 'reason' | 'changes'> => ({
  reason: reason && withoutPersonalData(reason),
  changes: changes.map(({ field, from, to }) => ({ field, from: withoutAddress(from), to: withoutAddress(to) })),
});

const withoutAddress = (value: unknown): unknown => (typeof value === 'string' ? withoutPersonalData(value) : value);

const insert = `
  insert into subscription.transitions (subscription_id, entry, version, sequence, event, actor, on_behalf_of, cause, operation_id, action, reason,
         correlation_id, causation_id, "from", "to", changes, effective_at, effective_between, observed_at)
  select t."subscriptionId", coalesce(written.entry, 0) + t.position + 1, version, sequence, event, actor, "onBehalfOf", cause, "operationId", action, reason,
         "correlationId", "causationId", "from", "to", changes, "effectiveAt", "effectiveBetween", "observedAt"
    from jsonb_to_recordset($1::jsonb) as t ("subscriptionId" uuid, position int, version int, sequence int, event text, actor jsonb,
         "onBehalfOf" jsonb, cause jsonb, "operationId" uuid, action text, reason text, "correlationId" text, "causationId" text, "from" jsonb,
         "to" jsonb, changes jsonb, "effectiveAt" timestamptz, "effectiveBetween" jsonb, "observedAt" timestamptz)
    left join lateral (select entry from subscription.transitions known where known.subscription_id = t."subscriptionId"
                        order by entry desc limit 1) written on true`;
