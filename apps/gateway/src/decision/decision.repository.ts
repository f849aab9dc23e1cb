import { columns, type Transaction, write } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import type { OperationDecision } from './decision';

/** What was decided of changes, and how they ended: for the answers to Microsoft. */
@Injectable()
export class DecisionRepository {
  /**
   * Verdict and end come by two topics, in any order. Of each the first one stays; when a verdict came is told by the database's clock. Of a delivery that was answered with 200
   * nothing is kept: whatever was decided, and however often it comes, it is answered so again. Nor is what was told longer ago than a decision
   * is kept: Kafka keeps some messages a few days more, and what is gone, or was erased, must not come back when they are read again.
   */
  save(tx: Transaction, decisions: readonly OperationDecision[]): void {
    if (decisions.length === 0) return;
    write(
      tx,
      `insert into gateway.operation_decisions as known (registration, subscription_id, operation_id, action, verdict, reason, settled, decided_at)
       select registration, subscription_id, operation_id, action, verdict, reason, settled, case when verdict is not null then now() end
         from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
           as given (registration, subscription_id, operation_id, action, verdict, reason, settled, told_at)
        where told_at > now() - interval '30 days' and not exists (select from gateway.webhook_deliveries as answered
                           where answered.subscription_id = given.subscription_id and answered.operation_id = given.operation_id
                             and answered.action = given.action and answered.registration = given.registration and answered.answer = 200)
        order by subscription_id, operation_id, action, registration
       on conflict (subscription_id, operation_id, action, registration) do update set
              verdict = coalesce(known.verdict, excluded.verdict),
              reason = case when known.verdict is null then excluded.reason else known.reason end,
              decided_at = coalesce(known.decided_at, excluded.decided_at),
              settled = coalesce(known.settled, excluded.settled)`,
      columns(decisions, 'registration', 'subscriptionId', 'operationId', 'action', 'verdict', 'reason', 'settled', 'toldAt'),
    );
  }
}
