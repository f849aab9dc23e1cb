import { columns, run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isAnsweredAtOnce, type Delivery, type GivenAnswer } from './delivery';
import { ANSWER_COUNTS_MS, REFUSAL_LIMIT_MS, type Standing } from './webhook.standing';

/** By the clock of the copy that answered, as good as the database's for this. */
const isAnswered = `coalesce(stored.answered_at > now() - interval '${ANSWER_COUNTS_MS} ms', false)`;

const standing = `stored.id as "deliveryId", stored.answer, ${isAnswered} as "isReported",
  decision.verdict, decision.reason, decision.settled,
  coalesce(decision.decided_at < stored.stored_at + interval '${REFUSAL_LIMIT_MS} ms', false) as "isInTime"`;

/** Every authentic delivery: what came, who called, what was answered. What is known of an operation through one registration answers no delivery to another. */
@Injectable()
export class WebhookRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Stores what is new and gives its ids; what waits for no decision is answered now. In order of the unique key, so that two copies that store the same operations wait for each other
   * instead of deadlocking.
   */
  async insert(tx: Transaction, deliveries: readonly Delivery[], now: Date): Promise<Set<string>> {
    const rows = deliveries.map((delivery) => ({
      ...delivery,
      claims: JSON.stringify(delivery.claims),
      answeredAt: isAnsweredAtOnce(delivery) ? now : null,
    }));
    const inserted = await run<{ id: string }>(
      tx,
      `insert into gateway.webhook_deliveries (id, registration, operation_id, action, subscription_id, received_at, claims, encrypted_body, answer,
              answered_at)
       select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::timestamptz[], $7::jsonb[], $8::text[], $9::int[],
                            $10::timestamptz[])
              as given (id, registration, operation_id, action, subscription_id, received_at, claims, encrypted_body, answer, answered_at)
        order by given.subscription_id, given.operation_id, given.action, given.registration
       on conflict (subscription_id, operation_id, action, registration) do nothing returning id`,
      columns(
        rows,
        'id',
        'registration',
        'operationId',
        'action',
        'subscriptionId',
        'receivedAt',
        'claims',
        'encryptedBody',
        'answer',
        'answeredAt',
      ),
    );
    return new Set(inserted.map(({ id }) => id));
  }

  /** Where those stand that were stored before, by the id of their repetition. */
  async repeated(tx: Transaction, deliveries: readonly Delivery[]): Promise<Map<string, Standing>> {
    const rows = await run<{ repetitionId: string } & Standing>(
      tx,
      `select repeated.id as "repetitionId", ${standing}
         from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[])
           as repeated (id, registration, subscription_id, operation_id, action)
         join gateway.webhook_deliveries as stored using (registration, subscription_id, operation_id, action)
         left join gateway.operation_decisions as decision using (registration, subscription_id, operation_id, action)`,
      columns(deliveries, 'id', 'registration', 'subscriptionId', 'operationId', 'action'),
    );
    return new Map(rows.map(({ repetitionId, ...found }) => [repetitionId, found]));
  }

  /** Where those of these deliveries stand about whose operation anything is known by now: one query, without a transaction. */
  async decided(deliveryIds: readonly string[]): Promise<Standing[]> {
    return this.dataSource.query<Standing[]>(
      `select ${standing}
         from gateway.webhook_deliveries as stored
         join gateway.operation_decisions as decision using (registration, subscription_id, operation_id, action)
        where stored.id = any($1::uuid[])`,
      [deliveryIds],
    );
  }

  /** Writes final answers down, one for each delivery, and gives the ids of those deliveries that had none lately: copies may answer the same one. */
  async markAnswered(tx: Transaction, answers: readonly GivenAnswer[], answeredAt: Date): Promise<Set<string>> {
    const rows = await run<{ id: string }>(
      tx,
      `update gateway.webhook_deliveries as stored set answered_at = $3, answer = coalesce(stored.answer, given.status)
         from unnest($1::uuid[], $2::int[]) as given (id, status)
        where stored.id = given.id and not ${isAnswered} returning stored.id`,
      [...columns(answers, 'deliveryId', 'status'), answeredAt],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
