import { Injectable } from '@nestjs/common';
import { columns, instantColumn, MicroBatch, run, type Transaction, write } from '@landfall/messaging';
import { DataSource } from 'typeorm';
import { operationKey, type Operation, type OperationReference } from './operation';

/** A job that can't read its operation for so long fails, and is performed again. */
const FINDS = { size: 200, limit: 5_000, maxAgeMs: 5_000, limitMs: 5_000 };

/** Ages are reckoned by the database alone: the clocks of this service's copies differ. */
@Injectable()
export class OperationRepository {
  /** On which the ends of runs are decided. */
  readonly ofRuns = {
    load: (tx: Transaction, keys: string[]) => this.lock(tx, keys),
    save: (tx: Transaction, operations: Operation[]) => this.save(tx, operations),
  };
  private readonly finds = new MicroBatch<OperationReference, Operation | null>((wanted) => this.findAll(wanted), FINDS);

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

  /**
   * What begins to be shown, or is gone, does so now; what was so already keeps its time. One that had ended and is followed anew is new,
   * and so is one that another registration takes over, or whose webhook comes after something else had named it.
   */
  save(tx: Transaction, operations: Operation[]): void {
    if (operations.length === 0) return;
    const rows = operations.map((operation) => ({
      ...operation,
      isShown: operation.shownMs !== null,
      isGone: operation.goneMs !== null,
    }));
    write(
      tx,
      `insert into fulfillment.operations as known (subscription_id, operation_id, action, registration, is_unnamed, source, plan_id,
              quantity, time_stamp, is_revert, received_at, status, operation_date, seen_open_at, published_snapshot, verdict, answered_at,
              acknowledgements, is_acknowledged, settled, shown_since, gone_since)
       select subscription_id, operation_id, action, registration, is_unnamed, source, plan_id, quantity, time_stamp,
              is_revert, received_at, status, operation_date, seen_open_at, published_snapshot, verdict, answered_at, acknowledgements, is_acknowledged,
              settled, case when is_shown then now() end, case when is_gone then now() end
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[], $8::int[], $9::timestamptz[],
                     $10::boolean[], $11::timestamptz[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::uuid[], $16::text[],
                     $17::timestamptz[], $18::int[], $19::boolean[], $20::text[], $21::boolean[], $22::boolean[])
              as saved (subscription_id, operation_id, action, registration, is_unnamed, source, plan_id, quantity, time_stamp, is_revert,
                        received_at, status, operation_date, seen_open_at, published_snapshot, verdict, answered_at, acknowledgements,
                        is_acknowledged, settled, is_shown, is_gone)
       on conflict (subscription_id, operation_id, action) do update
          set (registration, source, plan_id, quantity, time_stamp, is_revert, received_at, status, operation_date, seen_open_at,
               published_snapshot, verdict, answered_at, acknowledgements, is_acknowledged, settled, first_look_at, shown_since, gone_since)
            = (excluded.registration, excluded.source, excluded.plan_id, excluded.quantity, excluded.time_stamp, excluded.is_revert,
               excluded.received_at, excluded.status, excluded.operation_date, excluded.seen_open_at, excluded.published_snapshot,
               excluded.verdict, excluded.answered_at, excluded.acknowledgements, excluded.is_acknowledged, excluded.settled,
               case when known.registration <> excluded.registration or (known.settled is not null and excluded.settled is null)
                      or excluded.answered_at > known.answered_at or (known.received_at is null and excluded.received_at is not null)
                    then now() else known.first_look_at end,
               case when excluded.shown_since is not null then coalesce(known.shown_since, excluded.shown_since) end,
               case when excluded.gone_since is not null then coalesce(known.gone_since, excluded.gone_since) end)`,
      columns(rows, ...written),
    );
  }

  /** Jobs that begin at the same time ask together. @throws Overloaded */
  find(reference: OperationReference): Promise<Operation | null> {
    return this.finds.add(reference);
  }

  private async findAll(wanted: OperationReference[]): Promise<(Operation | null)[]> {
    const rows = await this.database.query<Operation[]>(
      `${selectOperation} join unnest($1::uuid[], $2::uuid[], $3::text[]) as wanted (subscription_id, operation_id, action)
        using (subscription_id, operation_id, action)`,
      columns(wanted, 'subscriptionId', 'operationId', 'action'),
    );
    const found = new Map(rows.map((row) => [operationKey(row), row]));
    return wanted.map((reference) => found.get(operationKey(reference)) ?? null);
  }

  /** Those of one subscription that have ended, at most twenty, the last ones, in the order in which they began. */
  async endedOf(subscriptionId: string): Promise<Operation[]> {
    const rows = await this.database.query<Operation[]>(
      `${selectOperation} where subscription_id = $1 and o.settled is not null order by o.time_stamp desc nulls last limit 20`,
      [subscriptionId],
    );
    return rows.reverse();
  }

  /** Those of one action that began last, at most twenty, the newest first, ended ones as well; those of which nobody said when they began come last. */
  newestOf({ subscriptionId, action }: Pick<OperationReference, 'subscriptionId' | 'action'>): Promise<Operation[]> {
    return this.database.query<Operation[]>(
      `${selectOperation} where subscription_id = $1 and action = $2 order by o.time_stamp desc nulls last limit 20`,
      [subscriptionId, action],
    );
  }
}

const written = [
  'subscriptionId',
  'operationId',
  'action',
  'registration',
  'isUnnamed',
  'source',
  'planId',
  'quantity',
  'timeStamp',
  'isRevert',
  'receivedAt',
  'status',
  'operationDate',
  'seenOpenAt',
  'publishedSnapshot',
  'verdict',
  'answeredAt',
  'acknowledgements',
  'isAcknowledged',
  'settled',
  'isShown',
  'isGone',
] as const;

/** In milliseconds; null where the column is. */
const age = (column: string): string => `round(extract(epoch from now() - ${column}) * 1000)::float8`;

const selectOperation = `
  select subscription_id as "subscriptionId", operation_id as "operationId", action, o.registration, o.is_unnamed as "isUnnamed", o.source,
         o.plan_id as "planId", o.quantity, ${instantColumn('o.time_stamp')} as "timeStamp", o.is_revert as "isRevert",
         ${age('o.first_look_at')} as "ageMs", ${instantColumn('o.received_at')} as "receivedAt",
         ${age('least(o.received_at, o.first_look_at)')} as "receivedMs", o.status, ${age('o.shown_since')} as "shownMs", ${age('o.gone_since')} as "goneMs",
         ${instantColumn('o.operation_date')} as "operationDate", ${instantColumn('o.seen_open_at')} as "seenOpenAt",
         o.published_snapshot as "publishedSnapshot", o.verdict, ${instantColumn('o.answered_at')} as "answeredAt", o.acknowledgements,
         o.is_acknowledged as "isAcknowledged", o.settled
    from fulfillment.operations o`;

/** The parts of a key; null for the key of a message that is about no operation. */
function referenceOf(key: string): OperationReference | null {
  const [subscriptionId, operationId, ...action] = key.split('/');
  return subscriptionId && operationId ? { subscriptionId, operationId, action: action.join('/') } : null;
}
