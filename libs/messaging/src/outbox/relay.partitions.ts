import type { Client, Notification } from 'pg';
import type { Place } from './unread.places';

/** Another relay has taken partitions that this one believed to own. It stops and claims again. */
export class PartitionsLost extends Error {
  readonly code = 'PARTITIONS_LOST';
  readonly retriable = true;
}

/** How far a topic of a partition was published: the id of its last message that Kafka has acknowledged. */
export interface Position extends Place {
  readonly id: string;
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
 * other by a shared lock and take a fair share each. Within a partition each topic has a position of its own.
 */
export class RelayPartitions {
  readonly owned = new Set<number>();
  private readonly published = new Map<string, Position>();
  private readonly unsaved = new Map<string, Position>();
  private epoch = '0';
  private pid = 0;
  private total = 0;

  constructor(
    private readonly client: Client,
    private readonly schema: string,
  ) {}

  /** Other copies publish some of what this one writes. */
  get areShared(): boolean {
    return this.owned.size < this.total;
  }

  /** Of every topic that was published in one of the partitions. One that is missing here begins with its first message. */
  get positions(): Position[] {
    return [...this.published.values()];
  }

  /** Of one place; 0 where nothing of it was published. */
  positionOf(place: Place): string {
    return this.published.get(nameOf(place))?.id ?? '0';
  }

  /** Makes this relay known to its copies. The epoch fences the positions of whoever owned a partition before. */
  async join(): Promise<void> {
    await this.client.query(`select pg_advisory_lock_shared(hashtext($1), 0)`, [`${this.schema}.relays`]);
    await this.client.query(`listen ${this.channel}`);
    const { rows } = await this.client.query<{ epoch: string; pid: number }>(
      `select nextval('${this.schema}.relay_epoch') as epoch, pg_backend_pid() as pid`,
    );
    [this.epoch, this.pid] = [rows[0]!.epoch, rows[0]!.pid];
  }

  /** Whether a notification is of this relay: it gets its own as well. */
  isOwn({ processId }: Pick<Notification, 'processId'>): boolean {
    return processId === this.pid;
  }

  /** Wakes the relays of other copies: this one has committed messages, and some may be theirs. */
  async notify(): Promise<void> {
    await this.client.query(`notify ${this.channel}`);
  }

  private get channel(): string {
    return `${this.schema}_outbox`;
  }

  /**
   * Gives partitions away or takes free ones, until this relay has its fair share. To be called while nothing is being sent. Throws `PartitionsLost`
   * where another relay owns one of them by now, or an operator has set a topic back. True where it took any.
   */
  async balance(): Promise<boolean> {
    const { rows } = await this.client.query<{ partitions: number; copies: number; mine: number }>(
      `select (select count(*)::int from ${this.schema}.relay_cursor) as partitions,
              (select count(*)::int from ${this.schema}.relay_cursor where partition = any($2::smallint[]) and owner_epoch = $3) as mine,
              (select count(*)::int from pg_locks
                where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
                  and classid = (hashtext($1)::bigint & 4294967295)::oid and objid = 0 and objsubid = 2 and granted) as copies`,
      [`${this.schema}.relays`, [...this.owned], this.epoch],
    );
    const { partitions, copies, mine } = rows[0]!;
    if (mine !== this.owned.size) throw lost();
    this.total = partitions;
    const share = Math.ceil(partitions / Math.max(copies, 1));
    if (this.owned.size > share) await this.release([...this.owned].sort((a, b) => a - b).slice(share));
    return this.owned.size < share && (await this.claim(share - this.owned.size));
  }

  /** Remembers what Kafka has acknowledged. */
  advance(acknowledged: Iterable<Position>): void {
    for (const position of acknowledged) {
      this.published.set(nameOf(position), position);
      this.unsaved.set(nameOf(position), position);
    }
  }

  get hasUnsaved(): boolean {
    return this.unsaved.size > 0;
  }

  /** Stores the positions. Throws `PartitionsLost` where another relay owns one of the partitions by now. */
  async save(): Promise<void> {
    if (this.unsaved.size === 0) return;
    const unsaved = [...this.unsaved.values()];
    const { rowCount } = await this.client.query({
      name: 'save',
      text: `with mine as materialized (select partition from ${this.schema}.relay_cursor where owner_epoch = $4 for share)
             insert into ${this.schema}.relay_position as known (partition, topic, position)
             select n.partition, n.topic, n.position from unnest($1::smallint[], $2::text[], $3::bigint[]) as n (partition, topic, position)
               join mine using (partition)
             on conflict (partition, topic) do update set position = excluded.position`,
      values: [unsaved.map(({ partition }) => partition), unsaved.map(({ topic }) => topic), unsaved.map(({ id }) => id), this.epoch],
    });
    if (rowCount !== unsaved.length) throw lost();
    this.unsaved.clear();
  }

  /** Whom messages wait for that are older than `lateMs` and in no partition of this relay. */
  async heldElsewhere(lateMs: number): Promise<Holder[]> {
    const { rows } = await this.client.query<Holder>(
      `select string_agg(distinct c.partition::text, ',' order by c.partition::text) as held,
              round(extract(epoch from max(now() - o.created_at)) * 1000)::float8 as "waitingMs",
              a.pid, a.application_name as application, a.backend_start as since, host(a.client_addr) as address
         from ${this.schema}.relay_cursor c
        cross join ${this.schema}.outbox_topic t left join ${this.schema}.relay_position p using (partition, topic)
        cross join lateral (select created_at from ${this.schema}.outbox
                             where partition = c.partition and topic = t.topic and id > coalesce(p.position, 0) order by id limit 1) o
         left join pg_locks l on l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database()) and l.granted
               and l.classid = (hashtext($1)::bigint & 4294967295)::oid and l.objid::bigint = c.partition and l.objsubid = 2
         left join pg_stat_activity a on a.pid = l.pid
        where o.created_at < now() - $2 * interval '1 ms' and l.pid is distinct from pg_backend_pid()
        group by a.pid, a.application_name, a.backend_start, a.client_addr`,
      [`${this.schema}.relay`, lateMs],
    );
    return rows;
  }

  private async claim(wanted: number): Promise<boolean> {
    const lockName = `${this.schema}.relay`;
    await this.client.query(
      `select partition from ${this.schema}.relay_cursor where partition <> all($1::smallint[]) and pg_try_advisory_lock(hashtext($2), partition) limit $3`,
      [[...this.owned], lockName, wanted],
    );
    // What this session has locked is the truth, also if the statement above locked more than it gave.
    const { rows } = await this.client.query<{ partition: number }>(
      `update ${this.schema}.relay_cursor set owner_epoch = $1
        where partition <> all($2::smallint[])
          and partition in (select objid::bigint from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted
                          and classid = (hashtext($3)::bigint & 4294967295)::oid and objsubid = 2)
       returning partition`,
      [this.epoch, [...this.owned], lockName],
    );
    const claimed = rows.map(({ partition }) => partition);
    await this.readPositions(claimed);
    for (const partition of claimed) this.owned.add(partition);
    return claimed.length > 0;
  }

  /** A statement after the one that claimed them: it sees what the owner before saved until then, and that one saves nothing more. */
  private async readPositions(partitions: readonly number[]): Promise<void> {
    const { rows } = await this.client.query<Position>(
      `select partition, topic, position as id from ${this.schema}.relay_position where partition = any($1::smallint[])`,
      [partitions],
    );
    for (const position of rows) this.published.set(nameOf(position), position);
  }

  private async release(partitions: readonly number[]): Promise<void> {
    await this.save();
    for (const partition of partitions) {
      this.owned.delete(partition);
      for (const [name, position] of this.published) if (position.partition === partition) this.published.delete(name);
      await this.client.query(`select pg_advisory_unlock(hashtext($1), $2)`, [`${this.schema}.relay`, partition]);
    }
  }
}

const nameOf = ({ partition, topic }: Place): string => `${partition} ${topic}`;
const lost = () => new PartitionsLost('another relay owns these partitions now');
