import { Client } from 'pg';

/** Committed transactions of one schema that wrote the same number of rows into the same tables. */
export interface WrittenTransactions {
  readonly schema: string;
  /** Rows that each of them inserted, updated or deleted, by table. What is partitioned by day counts as one table; empty where a transaction only locked rows. */
  readonly rows: Readonly<Record<string, number>>;
  readonly transactions: number;
  /** What all of them together wrote into the log, without the whole pages that follow a checkpoint. */
  readonly bytes: number;
}

/** So much of the log stays when a checkpoint comes between what was written and the moment at which it is read. */
const kept = '512MB';

/** Which file belongs to which table of which schema. What is too long for a row lies in a table of its own, which belongs to the row's. */
const files = `
  select pg_relation_filenode(class.oid) as file, schema.nspname as schema,
         case when class.relkind = 'r' and owner.oid = class.oid then regexp_replace(class.relname, '_[0-9_]+$', '') end as "table"
    from pg_class class
    left join pg_index index on index.indexrelid = class.oid
    join pg_class owner on owner.oid = coalesce(
      (select oid from pg_class where reltoastrelid = coalesce(index.indrelid, class.oid)), index.indrelid, class.oid)
    join pg_namespace schema on schema.oid = owner.relnamespace
   where schema.nspname not in ('pg_catalog', 'information_schema') and pg_relation_filenode(class.oid) is not null`;

const written = `
  with files as materialized (${files}),
  ended as (
    select xid, sum(record_length - fpi_length) as bytes
      from pg_get_wal_records_info($1, $2) where xid <> '0'
     group by xid having bool_or(resource_manager = 'Transaction' and record_type = 'COMMIT')
  ),
  touched as (
    select block.xid, files.schema, files."table",
           count(*) filter (where block_id = 0 and resource_manager = 'Heap' and record_type ~ '^(INSERT|UPDATE|HOT_UPDATE|DELETE)') as rows
      from pg_get_wal_block_info($1, $2, false) block join files on files.file = block.relfilenode
     where reldatabase = (select oid from pg_database where datname = current_database())
     group by 1, 2, 3
  ),
  transactions as (
    select xid, schema, coalesce(jsonb_object_agg("table", rows) filter (where "table" is not null and rows > 0), '{}') as rows
      from touched group by xid, schema
  )
  select schema, rows, count(*)::int as transactions, sum(bytes)::float as bytes
    from transactions join ended using (xid) group by schema, rows`;

/**
 * Tells by schema, and so by service, what was committed and what it wrote, from the log of Postgres itself: exact at once, while statistics come seconds later and know neither
 * commits by role nor which tables were written together. It needs a superuser and `pg_walinspect`, which the embedded Postgres brings; a deployed system needs neither.
 */
export class WriteAheadLog {
  private constructor(private readonly client: Client) {}

  /** @param url of the database whose transactions are looked at, for a superuser */
  static async connect(url: string): Promise<WriteAheadLog> {
    const client = new Client({ connectionString: url, application_name: 'write-ahead-log' });
    client.on('error', () => undefined); // of a server that ends while nobody asks; the next question reports it
    await client.connect();
    await client.query('create extension if not exists pg_walinspect');
    await client.query(`alter system set wal_keep_size = '${kept}'`);
    await client.query('select pg_reload_conf()');
    return new WriteAheadLog(client);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  /** The end of the log at this moment. */
  async end(): Promise<string> {
    const { rows } = await this.client.query<{ place: string }>('select pg_current_wal_flush_lsn()::text as place');
    return rows[0]!.place;
  }

  /** What was committed between two ends. A transaction that began before the first is told with what it wrote after it. @throws Error where the log is gone. */
  async between(from: string, to: string): Promise<WrittenTransactions[]> {
    if (from === to) return [];
    const { rows } = await this.client.query<WrittenTransactions>(written, [from, to]);
    return rows;
  }
}
