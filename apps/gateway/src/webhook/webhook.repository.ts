import { columns, run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import type { Delivery } from './delivery';

/** Every authentic delivery: what came, who called, what was answered. */
@Injectable()
export class WebhookRepository {
  /**
   * Stores what is new and gives its ids. In order of the unique key, so that two copies that store the same operations wait for each other
   * instead of deadlocking.
   */
  async insert(tx: Transaction, deliveries: readonly Delivery[]): Promise<Set<string>> {
    const rows = deliveries.map((delivery) => ({ ...delivery, claims: JSON.stringify(delivery.claims) }));
    const inserted = await run<{ id: string }>(
      tx,
      `insert into gateway.webhook_deliveries (id, registration, operation_id, action, subscription_id, received_at, claims, encrypted_body, answer)
       select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[], $7::jsonb[], $8::text[], $9::int[])
              as given (id, registration, operation_id, action, subscription_id, received_at, claims, encrypted_body, answer)
        order by given.registration, given.subscription_id, given.operation_id, given.action
       on conflict (registration, subscription_id, operation_id, action) do nothing returning id`,
      columns(rows, 'id', 'registration', 'operationId', 'action', 'subscriptionId', 'receivedAt', 'claims', 'encryptedBody', 'answer'),
    );
    return new Set(inserted.map(({ id }) => id));
  }

  /** What was answered when the operations of these repetitions were stored, by the id of the repetition. */
  async recordedAnswers(tx: Transaction, deliveries: readonly Delivery[]): Promise<Map<string, number>> {
    const rows = await run<{ id: string; answer: number }>(
      tx,
      `select repeated.id, stored.answer
         from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[])
           as repeated (id, registration, subscription_id, operation_id, action)
         join gateway.webhook_deliveries as stored using (registration, subscription_id, operation_id, action)`,
      columns(deliveries, 'id', 'registration', 'subscriptionId', 'operationId', 'action'),
    );
    return new Map(rows.map(({ id, answer }) => [id, answer]));
  }

  async markAnswered(tx: Transaction, deliveryIds: readonly string[], answeredAt: Date): Promise<void> {
    await run(tx, `update gateway.webhook_deliveries set answered_at = $2 where id = any($1::uuid[])`, [deliveryIds, answeredAt]);
  }
}
