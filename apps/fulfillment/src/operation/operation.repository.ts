import { Injectable } from '@nestjs/common';
import { columns, run, type Transaction } from '@landfall/messaging';
import { DataSource } from 'typeorm';
import { operationKey, type Operation, type OperationReference } from './operation';

@Injectable()
export class OperationRepository {
  constructor(private readonly database: DataSource) {}

  /** In key order: two writers that share rows then wait for each other instead of deadlocking. */
  async lock(tx: Transaction, keys: string[]): Promise<Map<string, Operation>> {
    const wanted = keys.flatMap((key) => referenceOf(key) ?? []);
    if (wanted.length === 0) return new Map();
    const rows = await run<Operation>(
      tx,
      `${selectOperation}
         join unnest($1::uuid[], $2::uuid[], $3::text[]) as wanted (subscription_id, operation_id, action)
        using (subscription_id, operation_id, action)
        order by subscription_id, operation_id, action for update of o`,
      columns(wanted, 'subscriptionId', 'operationId', 'action'),
    );
    return new Map(rows.map((row) => [operationKey(row), row]));
  }

  async save(tx: Transaction, operations: Operation[]): Promise<void> {
    if (operations.length === 0) return;
    await run(
      tx,
      `insert into fulfillment.operations (subscription_id, operation_id, action, source, operation_status, plan_id, quantity,
              received_at, acknowledge_by, verification, verified_at, verdict, answered_at, settled, effect_missing_since)
       select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::timestamptz[],
              $9::timestamptz[], $10::text[], $11::timestamptz[], $12::text[], $13::timestamptz[], $14::text[], $15::timestamptz[])
       on conflict (subscription_id, operation_id, action) do update
          set (source, operation_status, plan_id, quantity, verification, verified_at, verdict, answered_at, settled, effect_missing_since)
            = (excluded.source, excluded.operation_status, excluded.plan_id, excluded.quantity, excluded.verification,
               excluded.verified_at, excluded.verdict, excluded.answered_at, excluded.settled, excluded.effect_missing_since)`,
      columns(operations, ...written),
    );
  }

  async find({ subscriptionId, operationId, action }: OperationReference): Promise<Operation | null> {
    const rows = await this.database.query<Operation[]>(
      `${selectOperation} where subscription_id = $1 and operation_id = $2 and action = $3`,
      [subscriptionId, operationId, action],
    );
    return rows[0] ?? null;
  }
}

const written = [
  'subscriptionId',
  'operationId',
  'action',
  'source',
  'operationStatus',
  'planId',
  'quantity',
  'receivedAt',
  'acknowledgeBy',
  'verification',
  'verifiedAt',
  'verdict',
  'answeredAt',
  'settled',
  'effectMissingSince',
] as const;

const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const selectOperation = `
  select subscription_id as "subscriptionId", operation_id as "operationId", action, o.source, o.operation_status as "operationStatus",
         o.plan_id as "planId", o.quantity, ${instant('o.received_at')} as "receivedAt", ${instant('o.acknowledge_by')} as "acknowledgeBy",
         o.verification, ${instant('o.verified_at')} as "verifiedAt", o.verdict, ${instant('o.answered_at')} as "answeredAt", o.settled,
         ${instant('o.effect_missing_since')} as "effectMissingSince"
    from fulfillment.operations o`;

/** The parts of a key; null for the key of a message that is about no operation. */
function referenceOf(key: string): OperationReference | null {
  const [subscriptionId, operationId, ...action] = key.split('/');
  return subscriptionId && operationId ? { subscriptionId, operationId, action: action.join('/') } : null;
}
