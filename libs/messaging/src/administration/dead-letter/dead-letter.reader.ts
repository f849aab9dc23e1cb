import { Inject, Injectable } from '@nestjs/common';
import { storableKey } from '../../key';
import { SERVICE, type ServiceIdentity } from '../../messaging.config';
import { run, type Transaction } from '../../transaction';
import {
  blockedKeyView,
  deadLetterView,
  type BlockedKey,
  type BlockedKeyRow,
  type DeadLetter,
  type FollowingRow,
  type LetterRow,
} from './dead-letter.view';
import { countedAtMost, pageOf, type Page } from '../page';

export interface BlockedKeyQuery {
  readonly state?: 'waiting' | 'failing' | 'dead';
  readonly consumer?: string;
  readonly key?: string;
  readonly limit: number;
  readonly after?: string;
}

const followingShown = 20;

/** Dead letters as operators see them. */
@Injectable()
export class DeadLetterReader {
  private readonly schema: string;

  constructor(@Inject(SERVICE) service: ServiceIdentity) {
    this.schema = service.name;
  }

  async list(tx: Transaction, { state, consumer, key, limit, after }: BlockedKeyQuery): Promise<Page<BlockedKey>> {
    const letters = `${this.schema}.dead_letter d where d.consumer = k.consumer and d.key = k.key`;
    const rows = await run<BlockedKeyRow>(
      tx,
      `select k.id as cursor, head.seq as id, k.consumer, k.key, k.state, k.reason, k.attempts, k.since,
              case when k.state <> 'dead' then k.next_try_at end as "nextTryAt",
              (select count(*)::int from (select from ${letters} limit ${countedAtMost}) counted) as messages,
              head.message_id as "messageId", head.type, octet_length(head.value) as bytes, head.partition, head.kafka_offset as "offset"
         from ${this.schema}.blocked_key k cross join lateral (select d.* from ${letters} order by d.seq limit 1) head
        where ($1::bigint is null or k.id > $1) and ($2::text is null or k.state = $2)
          and ($3::text is null or k.consumer = $3) and ($4::text is null or k.key = $4)
        order by k.id limit $5`,
      [after ?? null, state ?? null, consumer ?? null, key === undefined ? null : storableKey(key), limit + 1],
    );
    return pageOf(rows, limit, ({ cursor }) => cursor, blockedKeyView);
  }

  async find(tx: Transaction, id: string): Promise<DeadLetter | undefined> {
    const letter = await this.letter(tx, id);
    if (!letter) return undefined;
    const behind = `${this.schema}.dead_letter where consumer = $1 and key = $2 and seq > $3`;
    const place = [letter.consumer, letter.key, id];
    const following = await run<FollowingRow>(
      tx,
      `select seq as id, message_id as "messageId", type, added_at as "addedAt" from ${behind} order by seq limit ${followingShown}`,
      place,
    );
    const [count] = await run<{ behind: number }>(
      tx,
      `select count(*)::int as behind from (select from ${behind} limit ${countedAtMost}) counted`,
      place,
    );
    return deadLetterView(letter, following, count?.behind ?? 0);
  }

  /** Takes the lock that consumers and redelivery take, and reads what is true under it. Undefined where the letter is gone. */
  async lock(tx: Transaction, id: string): Promise<LetterRow | undefined> {
    await run(
      tx,
      `select 1 from ${this.schema}.blocked_key k
        where (k.consumer, k.key) = (select d.consumer, d.key from ${this.schema}.dead_letter d where d.seq = $1) for update of k`,
      [id],
    );
    return this.letter(tx, id);
  }

  /** Whether a dead letter had this number: numbers are given once, in order. */
  async wasHere(tx: Transaction, id: string): Promise<boolean> {
    const [row] = await run<{ last: string | null }>(
      tx,
      `select pg_sequence_last_value(pg_get_serial_sequence('${this.schema}.dead_letter', 'seq')::regclass) as last`,
      [],
    );
    return BigInt(id) <= BigInt(row?.last ?? 0);
  }

  async headOf(tx: Transaction, { consumer, key }: LetterRow): Promise<string | null> {
    const sql = `select min(seq) as head from ${this.schema}.dead_letter where consumer = $1 and key = $2`;
    return (await run<{ head: string | null }>(tx, sql, [consumer, key]))[0]?.head ?? null;
  }

  /** The key is due now, and has all its attempts before it. Gives its new state. */
  async makeDue(tx: Transaction, { consumer, key }: LetterRow): Promise<Record<string, unknown>> {
    const [row] = await run<{ state: string; attempts: number; nextTryAt: Date }>(
      tx,
      `update ${this.schema}.blocked_key
          set state = case when state = 'dead' then 'failing' else state end, attempts = 0, next_try_at = now(), lease = lease + 1
        where consumer = $1 and key = $2 returning state, attempts, next_try_at as "nextTryAt"`,
      [consumer, key],
    );
    return { ...row, nextTryAt: row?.nextTryAt.toISOString() };
  }

  /** The reason of the head is that of its last attempt; a later one keeps the reason with which it was added. */
  private async letter(tx: Transaction, id: string): Promise<LetterRow | undefined> {
    const [row] = await run<LetterRow>(
      tx,
      `select d.seq as id, d.consumer, d.key, k.state, case when d.seq = head.seq then k.reason else d.reason end as reason,
              k.attempts, k.since, case when k.state <> 'dead' then k.next_try_at end as "nextTryAt", head.seq as first,
              d.message_id as "messageId", d.value, d.partition, d.kafka_offset as "offset", d.added_at as "addedAt"
         from ${this.schema}.dead_letter d join ${this.schema}.blocked_key k on k.consumer = d.consumer and k.key = d.key
        cross join lateral (select min(h.seq) as seq from ${this.schema}.dead_letter h where h.consumer = d.consumer and h.key = d.key) head
        where d.seq = $1`,
      [id],
    );
    return row;
  }
}
