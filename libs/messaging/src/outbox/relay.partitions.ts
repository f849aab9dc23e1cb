import type { Client } from 'pg';

/** Another relay has taken partitions that this one believed to own. It stops and claims again. */
export class PartitionsLost extends Error {
  readonly code = 'PARTITIONS_LOST';
  readonly retriable = true;
}

/** A session that holds partitions whose messages wait; all of it null where nobody holds them. */
export interface Holder {
  /** Their numbers, separated by commas. */
  readonly held: string;
  /** Of the oldest message, in milliseconds. */
  readonly waitingMs: number;
  readonly pid: number | null;
  readonly application: string | null;
  /** When the session began. */
  readonly since: Date | null;
  readonly address: string | null;
}

/**
 * The partitions of one relay: session advisory locks on its own connection, so that they are free the moment the connection dies. Copies count each
 * other by a shared lock and take a fair share each.
 */
export class RelayPartitions {
  /** By partition, the id of the last message that Kafka has acknowledged. */
  readonly positions = new Map<number, string>();
  private readonly unsaved = new Map<number, string>();
  private epoch = '0';

  constructor(
    private readonly client: Client,
    private readonly schema: string,
  ) {}

  /** Makes this relay known to its copies. The epoch fences the positions of whoever owned a partition before. */
  async join(): Promise<void> {
    await this.client.query(`select pg_advisory_lock_shared(hashtext($1), 0)`, [`${this.schema}.relays`]);
    const { rows } = await this.client.query<{ epoch: string }>(`select nextval('${this.schema}.relay_epoch') as epoch`);
    this.epoch = rows[0]!.epoch;
  }

  /** Gives partitions away or takes free ones, until this relay has its fair share. To be called while nothing is being sent. */
  async balance(): Promise<void> {
    const { rows } = await this.client.query<{ partitions: number; copies: number }>(
      `select (select count(*)::int from ${this.schema}.relay_cursor) as partitions,
              (select count(*)::int from pg_locks
                where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
                  and classid = (hashtext($1)::bigint & 4294967295)::oid and objid = 0 and objsubid = 2 and granted) as copies`,
      [`${this.schema}.relays`],
    );
    const { partitions, copies } = rows[0]!;
    const share = Math.ceil(partitions / Math.max(copies, 1));
    if (this.positions.size > share) await this.release([...this.positions.keys()].sort((a, b) => a - b).slice(share));
    if (this.positions.size < share) await this.claim(share - this.positions.size);
  }

  /** Remembers what Kafka has acknowledged. */
  advance(moved: ReadonlyMap<number, string>): void {
    for (const [partition, id] of moved) {
      this.positions.set(partition, id);
      this.unsaved.set(partition, id);
    }
  }

  get hasUnsaved(): boolean {
    return this.unsaved.size > 0;
  }

  /** Stores the positions. Throws `PartitionsLost` where another relay owns one of them by now. */
  async save(): Promise<void> {
    if (this.unsaved.size === 0) return;
    const { rowCount } = await this.client.query({
      name: 'save',
      text: `update ${this.schema}.relay_cursor c set position = n.position
               from unnest($1::smallint[], $2::bigint[]) as n (partition, position) where c.partition = n.partition and c.owner_epoch = $3`,
      values: [[...this.unsaved.keys()], [...this.unsaved.values()], this.epoch],
    });
    if (rowCount !== this.unsaved.size) throw new PartitionsLost('another relay owns these partitions now');
    this.unsaved.clear();
  }

  /** Whom messages wait for that are older than `lateMs` and in no partition of this relay. */
  async heldElsewhere(lateMs: number): Promise<Holder[]> {
    const { rows } = await this.client.query<Holder>(
      `select string_agg(c.partition::text, ',' order by c.partition) as held,
              round(extract(epoch from max(now() - o.created_at)) * 1000)::float8 as "waitingMs",
              a.pid, a.application_name as application, a.backend_start as since, host(a.client_addr) as address
         from ${this.schema}.relay_cursor c
        cross join lateral (select created_at from ${this.schema}.outbox where partition = c.partition and id > c.position order by id limit 1) o
         left join pg_locks l on l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database()) and l.granted
               and l.classid = (hashtext($1)::bigint & 4294967295)::oid and l.objid::bigint = c.partition and l.objsubid = 2
         left join pg_stat_activity a on a.pid = l.pid
        where o.created_at < now() - $2 * interval '1 ms' and l.pid is distinct from pg_backend_pid()
        group by a.pid, a.application_name, a.backend_start, a.client_addr`,
      [`${this.schema}.relay`, lateMs],
    );
    return rows;
  }

  private async claim(wanted: number): Promise<void> {
    const lockName = `${this.schema}.relay`;
    await this.client.query(
      `select partition from ${this.schema}.relay_cursor where partition <> all($1::smallint[]) and pg_try_advisory_lock(hashtext($2), partition) limit $3`,
      [[...this.positions.keys()], lockName, wanted],
    );
    // What this session has locked is the truth, also if the statement above locked more than it gave.
    const { rows } = await this.client.query<{ partition: number; position: string }>(
      `update ${this.schema}.relay_cursor set owner_epoch = $1
        where partition <> all($2::smallint[])
          and partition in (select objid::bigint from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted
                          and classid = (hashtext($3)::bigint & 4294967295)::oid and objsubid = 2)
       returning partition, position`,
      [this.epoch, [...this.positions.keys()], lockName],
    );
    for (const { partition, position } of rows) this.positions.set(partition, position);
  }

  private async release(partitions: readonly number[]): Promise<void> {
    await this.save();
    for (const partition of partitions) {
      this.positions.delete(partition);
      await this.client.query(`select pg_advisory_unlock(hashtext($1), $2)`, [`${this.schema}.relay`, partition]);
    }
  }
}
