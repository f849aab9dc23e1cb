import { Inject, Injectable } from '@nestjs/common';
import { envelopeHeader } from './envelope.header';
import { messageOf, type BatchEntry } from '../consumer/batch.entry';
import type { Failed } from '../consumer/decide';
import { SERVICE, type ServiceIdentity } from '../messaging.config';
import { storableReason } from '../failure';
import { Signal } from '../signal';
import { run, write, type Transaction } from '../transaction';
import type { NextAttempt } from './attempts';

/** A blocked key whose next attempt is due. */
export interface DueKey {
  readonly consumer: string;
  readonly key: string;
  /** As they were when the key was taken. */
  readonly attempts: number;
  /** Under which the attempt is made. Another one in the row means that the key was taken again, or that an operator asked for a retry. */
  readonly lease: number;
}

export interface DeadLetterRow {
  readonly seq: string;
  readonly key: string;
  readonly messageId: string;
  readonly value: Buffer;
  readonly partition: number;
  readonly offset: string;
  /** When it became a dead letter, by the database's clock, as its age. */
  readonly addedAt: Date;
  readonly ageMs: number;
}

/** How long a key that was taken for an attempt is left alone by other copies. */
const attemptLease = '30 s';

/** Dead letters and the keys that they block. One row in `blocked_key` per key is the lock between the consumer and the redelivery. */
@Injectable()
export class DeadLetterRepository {
  /** Raised after a commit that blocked a key or made one due: redelivery then looks sooner. */
  readonly added = new Signal();
  private readonly schema: string;

  constructor(@Inject(SERVICE) service: ServiceIdentity) {
    this.schema = service.name;
  }

  /** Which of the keys are blocked, with the attempts at their head. Locks them: while we put messages behind, nobody redelivers, and the other way round. */
  async lockBlocked(tx: Transaction, consumer: string, keys: readonly string[]): Promise<Map<string, number>> {
    const rows = await run<{ key: string; attempts: number }>(
      tx,
      `select key, attempts from ${this.schema}.blocked_key where consumer = $1 and key = any($2::text[]) order by key for update`,
      [consumer, keys],
    );
    return new Map(rows.map(({ key, attempts }) => [key, attempts]));
  }

  /** Keeps messages in their order: each that failed, with its key's next attempt, and those that come behind it. */
  add(
    tx: Transaction,
    consumer: string,
    blocking: readonly { failed: Failed<BatchEntry>; next: NextAttempt }[],
    behind: readonly BatchEntry[],
  ): void {
    if (blocking.length > 0) {
      write(
        tx,
        `insert into ${this.schema}.blocked_key (consumer, key, state, reason, attempts, next_try_at)
         select $1, key, state, reason, attempts, now() + delay * interval '1 ms'
           from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::float8[]) as failed (key, state, reason, attempts, delay)
         on conflict (consumer, key) do nothing`,
        [
          consumer,
          blocking.map(({ failed }) => failed.entry.record.key),
          blocking.map(({ next }) => next.state),
          blocking.map(({ failed }) => storableReason(failed.failure.reason)),
          blocking.map(({ next }) => next.attempts),
          blocking.map(({ next }) => next.delayMs),
        ],
      );
    }
    const rows = [
      ...blocking.map(({ failed: { entry, failure } }) => ({ record: entry.record, reason: failure.reason })),
      ...behind.map(({ record }) => ({ record, reason: 'an earlier message of its key is a dead letter' })),
    ];
    if (rows.length === 0) return;
    write(
      tx,
      `insert into ${this.schema}.dead_letter (consumer, key, message_id, type, value, partition, kafka_offset, reason)
       select $1, key, message_id, type, value, partition, kafka_offset, reason
         from unnest($2::text[], $3::uuid[], $4::bytea[], $5::smallint[], $6::bigint[], $7::text[], $8::text[]) with ordinality
              as rows (key, message_id, value, partition, kafka_offset, reason, type, position) order by position`,
      [
        consumer,
        rows.map(({ record }) => record.key),
        rows.map(({ record }) => record.identity),
        rows.map(({ record }) => record.value),
        rows.map(({ record }) => record.partition),
        rows.map(({ record }) => record.offset),
        rows.map(({ reason }) => storableReason(reason)),
        rows.map(({ record }) => messageOf({ record })?.type ?? envelopeHeader(record.value).type),
      ],
    );
  }

  /** Takes keys whose next attempt is due, the longest due first. With `all`, also those that are not due yet. */
  due(tx: Transaction, consumers: readonly string[], limit: number, all = false): Promise<DueKey[]> {
    return run<DueKey>(
      tx,
      `with due as materialized (
         select consumer, key from ${this.schema}.blocked_key
          where state <> 'dead' and consumer = any($1::text[]) and (next_try_at <= now() or $3)
          order by next_try_at limit $2 for update skip locked)
       update ${this.schema}.blocked_key k set next_try_at = now() + interval '${attemptLease}', lease = k.lease + 1
         from due where k.consumer = due.consumer and k.key = due.key
       returning k.consumer, k.key, k.attempts, k.lease`,
      [consumers, limit, all],
    );
  }

  /** Until the next attempt of any key, in milliseconds; null where none is to come. */
  async untilNextDue(tx: Transaction, consumers: readonly string[]): Promise<number | null> {
    const [row] = await run<{ ms: number | null }>(
      tx,
      `select round(extract(epoch from min(next_try_at) - now()) * 1000)::float8 as ms
         from ${this.schema}.blocked_key where state <> 'dead' and consumer = any($1::text[])`,
      [consumers],
    );
    return row?.ms ?? null;
  }

  /**
   * The first messages of each key, in order within a key, up to the one with which the bytes are reached: each key gets its first one before any gets a
   * second, and the keys that get none wait for the next call.
   */
  first(tx: Transaction, consumer: string, keys: readonly string[], perKey: number, bytes: number): Promise<DeadLetterRow[]> {
    return run<DeadLetterRow>(
      tx,
      `select seq, key, message_id as "messageId", value, partition, kafka_offset as "offset", added_at as "addedAt",
              round(extract(epoch from now() - added_at) * 1000)::float8 as "ageMs"
         from (select m.*, wanted.position, sum(octet_length(m.value)) over (order by m.place, wanted.position) - octet_length(m.value) as before
                 from unnest($2::text[]) with ordinality as wanted (key, position)
                cross join lateral (select p.*, row_number() over (order by p.seq) as place from ${this.schema}.dead_letter p
                                     where p.consumer = $1 and p.key = wanted.key order by p.seq limit $3) as m) as first
        where before < $4
        order by position, seq`,
      [consumer, keys, perKey, bytes],
    );
  }

  /** The first message that is left of each key; to be asked under the lock of the keys. Messages leave from the front alone. */
  async heads(tx: Transaction, consumer: string, keys: readonly string[]): Promise<Map<string, bigint>> {
    const rows = await run<{ key: string; head: string }>(
      tx,
      `select key, min(seq) as head from ${this.schema}.dead_letter where consumer = $1 and key = any($2::text[]) group by key`,
      [consumer, keys],
    );
    return new Map(rows.map(({ key, head }) => [key, BigInt(head)]));
  }

  async remove(tx: Transaction, seqs: readonly string[]): Promise<void> {
    if (seqs.length > 0) await run(tx, `delete from ${this.schema}.dead_letter where seq = any($1::bigint[])`, [seqs]);
  }

  /**
   * The head of a key failed once more, or a later one became the head and failed. Where an operator asked for a retry since the key was taken,
   * or another copy took it (its lease is another one), the key stays as they left it.
   */
  async postpone(tx: Transaction, { consumer, key, lease }: DueKey, reason: string, next: NextAttempt): Promise<void> {
    await run(
      tx,
      `update ${this.schema}.blocked_key set state = $3, reason = $4, attempts = $5, next_try_at = now() + $6::float8 * interval '1 ms'
        where consumer = $1 and key = $2 and lease = $7`,
      [consumer, key, next.state, storableReason(reason), next.attempts, next.delayMs, lease],
    );
  }

  /**
   * Keys whose messages were all handled are free again; the rest of the others is due at once. The lease stays: an attempt that goes on with the
   * new head, in the other half of its round or after a discard, decides about it.
   */
  async release(tx: Transaction, consumer: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await run(
      tx,
      `delete from ${this.schema}.blocked_key k where k.consumer = $1 and k.key = any($2::text[])
          and not exists (select from ${this.schema}.dead_letter m where m.consumer = k.consumer and m.key = k.key)`,
      [consumer, keys],
    );
    await run(
      tx,
      `update ${this.schema}.blocked_key set state = 'waiting', reason = 'it was behind a dead letter', attempts = 0, next_try_at = now()
        where consumer = $1 and key = any($2::text[])`,
      [consumer, keys],
    );
  }
}
