import { Injectable } from '@nestjs/common';
import { instantColumn, run, type Transaction, write } from '@landfall/messaging';
import type { SubscriptionChange } from '../subscription/subscription';
import type { ChangeRequest } from './request';

/** The columns of `subscription.change_requests r` by the names of `ChangeRequest`. */
export const requestColumns = `
  r.id, r.action, r.plan_id as "planId", r.quantity, r.state, r.actor, r.actor_kind as "actorKind", r.reason, ${instantColumn('r.requested_at')} as "requestedAt",
  ${instantColumn('r.not_before')} as "notBefore", r.operation_id as "operationId", r.failure, r.code, ${instantColumn('r.ended_at')} as "endedAt"`;

@Injectable()
export class RequestRepository {
  /** The pending requests of each subscription, whose rows the caller has locked. */
  async findPending(tx: Transaction, subscriptionIds: string[]): Promise<Map<string, ChangeRequest[]>> {
    const rows = await run<ChangeRequest & { subscriptionId: string }>(
      tx,
      `select r.subscription_id as "subscriptionId", ${requestColumns}
         from subscription.change_requests r where r.subscription_id = any($1) and r.state = 'pending' order by r.requested_at`,
      [subscriptionIds],
    );
    const found = new Map<string, ChangeRequest[]>();
    for (const { subscriptionId, ...request } of rows) found.set(subscriptionId, [...(found.get(subscriptionId) ?? []), request]);
    return found;
  }

  /** What was asked for, by whom and when, is written once; how it goes on is not. */
  save(tx: Transaction, changes: SubscriptionChange[]): void {
    const rows = changes.flatMap(({ subscription: { id: subscriptionId }, requests, changedRequests }) =>
      requests.filter(({ id }) => changedRequests.includes(id)).map((request) => ({ subscriptionId, ...request })),
    );
    if (rows.length === 0) return;
    write(
      tx,
      `insert into subscription.change_requests (subscription_id, id, action, plan_id, quantity, state, actor, actor_kind, reason, requested_at, not_before,
              operation_id, failure, code, ended_at)
       select "subscriptionId", id, action, "planId", quantity, state, actor, "actorKind", reason, "requestedAt", "notBefore", "operationId", failure, code,
              "endedAt"
         from jsonb_to_recordset($1::jsonb) as t ("subscriptionId" uuid, id uuid, action text, "planId" text, quantity int, state text, actor text,
              "actorKind" text, reason text, "requestedAt" timestamptz, "notBefore" timestamptz, "operationId" uuid, failure text, code text, "endedAt" timestamptz)
       on conflict (id) do update set (state, operation_id, failure, code, ended_at)
                              = (excluded.state, excluded.operation_id, excluded.failure, excluded.code, excluded.ended_at)`,
      [JSON.stringify(rows)],
    );
  }
}
