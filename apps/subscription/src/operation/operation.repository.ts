import { Injectable } from '@nestjs/common';
import { instantColumn, run, type Transaction, write } from '@landfall/messaging';
import type { SubscriptionChange } from '../subscription/subscription';
import { operationKey, type Operation } from './operation';

/** How many of a subscription's newest operations are read with it. An older one that comes again is not known any more: its `timeStamp` alone keeps it from changing something. */
const operationsRead = 200;

@Injectable()
export class OperationRepository {
  /** The newest operations of each subscription, whose rows the caller has locked. */
  async find(tx: Transaction, subscriptionIds: string[]): Promise<Map<string, Operation[]>> {
    const rows = await run<Operation & { subscriptionId: string }>(
      tx,
      `select s.id as "subscriptionId", o.operation_id as "operationId", o.action, o.registration, o.source, o.plan_id as "planId", o.quantity,
              ${instantColumn('o.time_stamp')} as "timeStamp", o.is_revert as "isRevert", o.status, ${instantColumn('o.seen_open_at')} as "seenOpenAt",
              o.verdict, o.reason, o.decided_by as "decidedBy", o.had_no_effect as "hadNoEffect", o.closing_order as "closingOrder"
         from unnest($1::uuid[]) as s (id)
        cross join lateral (select * from subscription.operations o where o.subscription_id = s.id order by o.changed_at desc limit $2) as o`,
      [subscriptionIds, operationsRead],
    );
    const found = new Map<string, Operation[]>();
    for (const { subscriptionId, ...operation } of rows) found.set(subscriptionId, [...(found.get(subscriptionId) ?? []), operation]);
    return found;
  }

  /** Each once, by subscription, operation and action (rule 4). */
  save(tx: Transaction, changes: SubscriptionChange[]): void {
    const rows = changes.flatMap(({ subscription: { id }, operations, changedOperations }) =>
      operations
        .filter((operation) => changedOperations.includes(operationKey(operation)))
        .map((operation) => ({ subscriptionId: id, ...operation })),
    );
    if (rows.length === 0) return;
    write(
      tx,
      `insert into subscription.operations (subscription_id, operation_id, action, registration, source, plan_id, quantity, time_stamp, is_revert, status,
              seen_open_at, verdict, reason, decided_by, had_no_effect, closing_order)
       select "subscriptionId", "operationId", action, registration, source, "planId", quantity, "timeStamp", "isRevert", status, "seenOpenAt", verdict, reason,
              "decidedBy", "hadNoEffect", "closingOrder"
         from jsonb_to_recordset($1::jsonb) as t ("subscriptionId" uuid, "operationId" uuid, action text, registration text, source text, "planId" text, quantity int,
              "timeStamp" timestamptz, "isRevert" boolean, status text, "seenOpenAt" timestamptz, verdict text, reason text, "decidedBy" text,
              "hadNoEffect" boolean, "closingOrder" int)
       on conflict (subscription_id, operation_id, action) do update
          set (registration, source, plan_id, quantity, time_stamp, is_revert, status, seen_open_at, verdict, reason, decided_by, had_no_effect,
               closing_order, changed_at)
            = (excluded.registration, excluded.source, excluded.plan_id, excluded.quantity, excluded.time_stamp, excluded.is_revert, excluded.status,
               excluded.seen_open_at, excluded.verdict, excluded.reason, excluded.decided_by, excluded.had_no_effect, excluded.closing_order, now())`,
      [JSON.stringify(rows)],
    );
  }
}
