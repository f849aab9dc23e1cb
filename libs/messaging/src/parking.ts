import type { SetAside, Trialed } from './decide';
import type { NextTrial } from './failure';
import { run, type Transaction } from './transaction';

/** A key that stands still, as the retrier takes it. */
export interface ParkedKey {
  readonly consumer: string;
  readonly key: string;
  readonly attempts: number;
  readonly since: Date;
}

export interface ParkedRow {
  readonly seq: string;
  readonly key: string;
  readonly messageId: string;
  readonly value: Buffer;
  readonly lane: number;
  readonly offset: string;
}

/** How long a key that was taken for a trial is left alone by other copies. */
const trialLease = '30 s';

/** The SQL of messages that stand still. One row in `parked_key` per key is the lock between the consumer and the retrier. */
export class Parking {
  constructor(private readonly schema: string) {}

  /** Which of the keys stand still. Locks them: while we put messages behind, nobody replays, and the other way round. */
  async stopped(tx: Transaction, consumer: string, keys: readonly string[]): Promise<Set<string>> {
    const rows = await run<{ key: string }>(
      tx,
      `select key from ${this.schema}.parked_key where consumer = $1 and key = any($2::text[]) order by key for update`,
      [consumer, keys],
    );
    return new Set(rows.map((row) => row.key));
  }

  /** Puts messages aside, in their order: each that failed with the trial that awaits it, and those that stand behind. */
  async park(
    tx: Transaction,
    consumer: string,
    failed: readonly { aside: SetAside<Trialed>; next: NextTrial }[],
    behind: readonly Trialed[],
  ) {
    if (failed.length > 0) {
      await run(
        tx,
        `insert into ${this.schema}.parked_key (consumer, key, state, reason, attempts, next_try_at)
         select $1, key, state, reason, attempts, now() + delay * interval '1 ms'
           from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::float8[]) as failed (key, state, reason, attempts, delay)
         on conflict (consumer, key) do nothing`,
        [
          consumer,
          failed.map(({ aside }) => aside.entry.record.key),
          failed.map(({ next }) => next.state),
          failed.map(({ aside }) => aside.failure.reason),
          failed.map(({ next }) => next.attempts),
          failed.map(({ next }) => next.delayMs),
        ],
      );
    }
    const rows = [
      ...failed.map(({ aside }) => ({ record: aside.entry.record, reason: aside.failure.reason })),
      ...behind.map(({ record }) => ({ record, reason: 'an earlier message of its key stands still' })),
    ];
    if (rows.length === 0) return;
    await run(
      tx,
      `insert into ${this.schema}.parked_message (consumer, key, message_id, value, lane, kafka_offset, reason)
       select $1, key, message_id, value, lane, kafka_offset, reason
         from unnest($2::text[], $3::uuid[], $4::bytea[], $5::smallint[], $6::bigint[], $7::text[]) with ordinality
              as rows (key, message_id, value, lane, kafka_offset, reason, position) order by position`,
      [
        consumer,
        rows.map(({ record }) => record.key),
        rows.map(({ record }) => record.identity),
        rows.map(({ record }) => record.value),
        rows.map(({ record }) => record.lane),
        rows.map(({ record }) => record.offset),
        rows.map(({ reason }) => reason),
      ],
    );
  }

  /** Takes keys whose trial is due, the longest due first. With `all`, also those that are not due yet. */
  due(tx: Transaction, consumers: readonly string[], limit: number, all = false): Promise<ParkedKey[]> {
    return run<ParkedKey>(
      tx,
      `with due as materialized (
         select consumer, key from ${this.schema}.parked_key
          where state <> 'dead' and consumer = any($1::text[]) and (next_try_at <= now() or $3)
          order by next_try_at limit $2 for update skip locked)
       update ${this.schema}.parked_key k set next_try_at = now() + interval '${trialLease}'
         from due where k.consumer = due.consumer and k.key = due.key
       returning k.consumer, k.key, k.attempts, k.since`,
      [consumers, limit, all],
    );
  }

  /** The first messages of each key, in order within a key. */
  first(tx: Transaction, consumer: string, keys: readonly string[], perKey: number): Promise<ParkedRow[]> {
    return run<ParkedRow>(
      tx,
      `select m.seq, m.key, m.message_id as "messageId", m.value, m.lane, m.kafka_offset as "offset"
         from unnest($2::text[]) with ordinality as wanted (key, position)
        cross join lateral (select * from ${this.schema}.parked_message p
                             where p.consumer = $1 and p.key = wanted.key order by p.seq limit $3) as m
        order by wanted.position, m.seq`,
      [consumer, keys, perKey],
    );
  }

  /** The first message that is left of each key; to be asked under the lock of the keys. Messages leave from the front alone. */
  async heads(tx: Transaction, consumer: string, keys: readonly string[]): Promise<Map<string, bigint>> {
    const rows = await run<{ key: string; head: string }>(
      tx,
      `select key, min(seq) as head from ${this.schema}.parked_message where consumer = $1 and key = any($2::text[]) group by key`,
      [consumer, keys],
    );
    return new Map(rows.map(({ key, head }) => [key, BigInt(head)]));
  }

  async remove(tx: Transaction, seqs: readonly string[]): Promise<void> {
    if (seqs.length > 0) await run(tx, `delete from ${this.schema}.parked_message where seq = any($1::bigint[])`, [seqs]);
  }

  /** The head of a key failed once more, or a later one became the head and failed. */
  async postpone(tx: Transaction, consumer: string, key: string, reason: string, next: NextTrial): Promise<void> {
    await run(
      tx,
      `update ${this.schema}.parked_key set state = $3, reason = $4, attempts = $5, next_try_at = now() + $6::float8 * interval '1 ms'
        where consumer = $1 and key = $2`,
      [consumer, key, next.state, reason, next.attempts, next.delayMs],
    );
  }

  /** Keys whose messages were all handled are free again; the rest of the others is due at once. */
  async release(tx: Transaction, consumer: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await run(
      tx,
      `delete from ${this.schema}.parked_key k where k.consumer = $1 and k.key = any($2::text[])
          and not exists (select from ${this.schema}.parked_message m where m.consumer = k.consumer and m.key = k.key)`,
      [consumer, keys],
    );
    await run(
      tx,
      `update ${this.schema}.parked_key set state = 'waiting', reason = 'it stood behind another', attempts = 0, next_try_at = now()
        where consumer = $1 and key = any($2::text[])`,
      [consumer, keys],
    );
  }
}
