import { createHash } from 'node:crypto';
import { columns, instantColumn, run, write, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import type { Arrival, Identified, Refusal, UsageRecord, WaitsFor } from './usage';
import { RECORD_BYTES } from './usage.domain';

export interface RefusedArrival extends Refusal {
  readonly arrival: Arrival;
  readonly identified: Identified;
}

export interface HeldArrival {
  readonly arrival: Arrival;
  readonly record: UsageRecord;
  readonly waitsFor: WaitsFor;
}

/** A record that is stored: counted, or held. */
export interface StoredRecord extends UsageRecord {
  /** Null where it is counted. */
  readonly waitsFor: WaitsFor | null;
}

/** A held record that is to be tried again. */
export interface HeldRow extends UsageRecord {
  readonly bytes: Buffer;
  readonly partition: number | null;
  readonly offset: string | null;
}

/** Of which something is held. */
export type HeldGroup = Pick<UsageRecord, 'subscriptionId' | 'meter'>;

const recordColumns = `source, id, subscription_id as "subscriptionId", meter, ${instantColumn('used_at')} as "usedAt", quantity::text`;

/**
 * What came of products. All who write here take their locks in one order, so that copies which share records wait for each other instead of deadlocking: held ones, usage, buckets,
 * refused ones, each by its key.
 */
@Injectable()
export class UsageRepository {
  /**
   * Stores records that are all different, each once, and adds them to the sums of their hours.
   * @returns the positions of those that were there before
   */
  async store(tx: Transaction, records: readonly UsageRecord[]): Promise<number[]> {
    if (records.length === 0) return [];
    const known = await run<{ number: number }>(
      tx,
      `with told as (
         select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::numeric[])
           with ordinality as told (source, id, subscription_id, meter, used_at, quantity, number)
       ), stored as (
         insert into billing.usage (source, id, subscription_id, meter, used_at, quantity)
         select source, id, subscription_id, meter, used_at, quantity from told order by source, id
         on conflict (source, id) do nothing
         returning source, id, subscription_id, meter, used_at, quantity
       ), summed as (
         insert into billing.buckets as known (subscription_id, meter, hour, quantity, records, is_dirty)
         select subscription_id, meter, date_trunc('hour', used_at, 'UTC'), sum(quantity), count(*), true from stored group by 1, 2, 3 order by 1, 2, 3
         on conflict (subscription_id, meter, hour) do update
            set (quantity, records, is_dirty) = (known.quantity + excluded.quantity, known.records + excluded.records, true)
       )
       select told.number::int - 1 as number from told left join stored using (source, id) where stored.id is null`,
      columns(records, 'source', 'id', 'subscriptionId', 'meter', 'usedAt', 'quantity'),
    );
    return known.map(({ number }) => number);
  }

  /** What is stored under these sources and ids. A record that is counted and still held counts as counted. */
  async find(tx: Transaction, records: readonly Pick<UsageRecord, 'source' | 'id'>[]): Promise<StoredRecord[]> {
    if (records.length === 0) return [];
    return run<StoredRecord>(
      tx,
      `with asked as (select * from unnest($1::text[], $2::text[]) as asked (source, id))
       select ${recordColumns}, waits_for as "waitsFor" from billing.usage_held join asked using (source, id)
       union all
       select ${recordColumns}, null from billing.usage join asked using (source, id)`,
      columns(records, 'source', 'id'),
    );
  }

  /** @returns the positions of those that were held before */
  async hold(tx: Transaction, held: readonly HeldArrival[]): Promise<number[]> {
    if (held.length === 0) return [];
    const rows = held.map(({ record, waitsFor, arrival: { bytes, place } }) => ({ ...record, waitsFor, bytes, ...place }));
    const known = await run<{ number: number }>(
      tx,
      `with told as (
         select * from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::numeric[], $7::bytea[], $8::text[], $9::int[], $10::bigint[])
           with ordinality as told (source, id, subscription_id, meter, used_at, quantity, bytes, waits_for, partition, record_offset, number)
       ), stored as (
         insert into billing.usage_held (source, id, subscription_id, meter, used_at, quantity, bytes, waits_for, partition, record_offset)
         select source, id, subscription_id, meter, used_at, quantity, bytes, waits_for, partition, record_offset from told order by source, id
         on conflict (source, id) do nothing
         returning source, id
       )
       select told.number::int - 1 as number from told left join stored using (source, id) where stored.id is null`,
      columns(rows, 'source', 'id', 'subscriptionId', 'meter', 'usedAt', 'quantity', 'bytes', 'waitsFor', 'partition', 'offset'),
    );
    return known.map(({ number }) => number);
  }

  /**
   * Keeps what is refused with its bytes. What comes again with the same bytes, for the same reason, is kept once.
   * @returns the positions of those that were not kept before
   */
  async refuse(tx: Transaction, refused: readonly RefusedArrival[]): Promise<number[]> {
    if (refused.length === 0) return [];
    const digests = refused.map(({ code, arrival }) => createHash('sha256').update(`${code}\n`).update(arrival.bytes).digest());
    const rows = refused.map(({ code, reason, identified, arrival: { bytes, place } }, index) => ({
      digest: digests[index]!,
      bytes: bytes.subarray(0, RECORD_BYTES),
      code,
      reason,
      ...{ source: identified.source, id: identified.id, subscriptionId: identified.subscriptionId },
      ...{ partition: place?.partition, offset: place?.offset },
    }));
    const kept = await run<{ digest: Buffer }>(
      tx,
      `insert into billing.usage_refused (digest, bytes, code, reason, source, id, subscription_id, partition, record_offset)
       select * from unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::int[], $9::bigint[]) as told order by 1
       on conflict (digest) do nothing returning digest`,
      columns(rows, 'digest', 'bytes', 'code', 'reason', 'source', 'id', 'subscriptionId', 'partition', 'offset'),
    );
    const places = new Map(digests.map((digest, index) => [digest.toString('hex'), index])); // of the same bytes in one batch, one
    return kept.map(({ digest }) => places.get(digest.toString('hex'))!);
  }

  /** Those behind `after`, in order, found by steps over the index: one may hold millions of records. */
  heldGroups(tx: Transaction, after: HeldGroup | undefined, limit: number): Promise<HeldGroup[]> {
    return run<HeldGroup>(
      tx,
      `with recursive held as (
         (select subscription_id, meter from billing.usage_held
           where $1::uuid is null or (subscription_id, meter) > ($1, $2) order by subscription_id, meter limit 1)
         union all
         select next.* from held cross join lateral
           (select subscription_id, meter from billing.usage_held where (subscription_id, meter) > (held.subscription_id, held.meter)
             order by subscription_id, meter limit 1) as next
       )
       select subscription_id as "subscriptionId", meter from held limit $3`,
      [after?.subscriptionId ?? null, after?.meter ?? null, limit],
    );
  }

  /** What is held of these subscriptions waits for its meter now: they have become known. */
  async waitForMeter(tx: Transaction, subscriptionIds: readonly string[]): Promise<void> {
    if (subscriptionIds.length === 0) return;
    await run(
      tx,
      `update billing.usage_held set waits_for = 'meter' where subscription_id = any($1::uuid[]) and waits_for = 'subscription'`,
      [subscriptionIds],
    );
  }

  /** Held records of a subscription and meter, locked; those that another copy works on are left out. */
  takeHeld(tx: Transaction, subscriptionId: string, meter: string, limit: number): Promise<HeldRow[]> {
    return run<HeldRow>(
      tx,
      `select ${recordColumns}, bytes, partition, record_offset as "offset" from billing.usage_held
        where subscription_id = $1 and meter = $2 order by number limit $3 for update skip locked`,
      [subscriptionId, meter, limit],
    );
  }

  /** The same of those that have been held for too long. */
  takeExpired(tx: Transaction, heldMs: number, limit: number): Promise<HeldRow[]> {
    return run<HeldRow>(
      tx,
      `select ${recordColumns}, bytes, partition, record_offset as "offset" from billing.usage_held
        where held_at < now() - make_interval(secs => $1::float8 / 1000) order by held_at, number limit $2 for update skip locked`,
      [heldMs, limit],
    );
  }

  letGo(tx: Transaction, records: readonly Pick<UsageRecord, 'source' | 'id'>[]): void {
    write(
      tx,
      `delete from billing.usage_held using unnest($1::text[], $2::text[]) as gone (source, id)
        where usage_held.source = gone.source and usage_held.id = gone.id`,
      columns(records, 'source', 'id'),
    );
  }
}
