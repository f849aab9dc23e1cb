import { columns, run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import type { Delivery } from './delivery';

/** Every authentic delivery: what came, who called, what was answered. */
@Injectable()
export class WebhookRepository {
  /** Stores what is new and gives its ids. In order of the unique key, so that two copies that store the same operations wait for each other instead of deadlocking. */
  async insert(tx: Transaction, deliveries: readonly Delivery[]): Promise<Set<string>> {
    const rows = deliveries.map((delivery) => ({
      ...delivery,
      ...keyOf(delivery),
      subscriptionId:
        delivery.reading?.kind === 'notification' ? delivery.reading.notification.subscriptionId : delivery.reading?.subscriptionId,
      claims: JSON.stringify(delivery.claims),
    }));
    const inserted = await run<{ id: string }>(
      tx,
      `insert into gateway.webhook_deliveries (id, operation_id, action, subscription_id, received_at, claims, encrypted_body, answer)
       select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::timestamptz[], $6::jsonb[], $7::text[], $8::int[])
              as given (id, operation_id, action, subscription_id, received_at, claims, encrypted_body, answer)
        order by given.operation_id, given.action
       on conflict (operation_id, action) do nothing returning id`,
      columns(rows, 'id', 'operationId', 'action', 'subscriptionId', 'receivedAt', 'claims', 'encryptedBody', 'answer'),
    );
    return new Set(inserted.map(({ id }) => id));
  }

  /** What was answered to these operations before, by `<operation>/<action>`. */
  async recordedAnswers(tx: Transaction, deliveries: readonly Delivery[]): Promise<Map<string, number>> {
    const keys = deliveries.map(keyOf);
    const rows = await run<{ operationId: string; action: string; answer: number }>(
      tx,
      `select operation_id as "operationId", action, answer from gateway.webhook_deliveries
         join unnest($1::uuid[], $2::text[]) as asked (operation_id, action) using (operation_id, action)`,
      columns(keys, 'operationId', 'action'),
    );
    return new Map(rows.map((row) => [recordKey(row.operationId, row.action), row.answer]));
  }

  async markAnswered(tx: Transaction, deliveryIds: readonly string[], answeredAt: Date): Promise<void> {
    await run(tx, `update gateway.webhook_deliveries set answered_at = $2 where id = any($1::uuid[])`, [deliveryIds, answeredAt]);
  }
}

/** Both null where the delivery could not be read: it is then never taken for a repetition. */
export function keyOf({ reading }: Delivery): { operationId: string | null; action: string | null } {
  return reading?.kind === 'notification' ? reading.notification : { operationId: null, action: null };
}

export const recordKey = (operationId: string | null, action: string | null): string => `${operationId}/${action}`;
