import type { MigrationInterface, QueryRunner } from 'typeorm';
import { erasureSchema } from './erasure/erasure.schema';
import { operatorActSchema } from './administration/act/operator-act.schema';
import { outboxSchema } from './outbox/outbox.schema';

const consumerSchema = (schema: string): string => `
create table ${schema}.messaging_setting (
  one_row boolean primary key default true check (one_row),
  -- raised by the first start after a restore from a backup
  epoch int not null default 1,
  -- the moment whose state the database had when it was restored last
  restored_at timestamptz,
  -- when the service went on with it, in business time
  resumed_at timestamptz,
  -- written at the first start, compared at every later one
  partitions smallint
);
insert into ${schema}.messaging_setting default values;

create table ${schema}.processed_message (
  message_id uuid primary key,
  at timestamptz not null default now()
);
create index processed_message_age on ${schema}.processed_message using brin (at) with (pages_per_range = 16);

-- One row per blocked key: the lock between the consumer, which puts later messages behind, and redelivery.
create table ${schema}.blocked_key (
  -- its place in the operators' list
  id bigint generated always as identity unique,
  consumer text not null,
  key text not null,
  state text not null check (state in ('waiting', 'failing', 'dead')),
  reason text not null,
  attempts int not null default 0,
  -- grows whenever the key is taken for an attempt or an operator asks for one: an older attempt then decides nothing about the next
  lease int not null default 0,
  since timestamptz not null default now(),
  next_try_at timestamptz not null,
  primary key (consumer, key)
);
create index blocked_key_due on ${schema}.blocked_key (next_try_at) where state <> 'dead';
create index blocked_key_age on ${schema}.blocked_key (state, since);

-- The messages of such a key, in their order.
create table ${schema}.dead_letter (
  seq bigint generated always as identity primary key,
  consumer text not null,
  key text not null,
  message_id uuid not null,
  -- for lists; null where the bytes are no envelope
  type text,
  -- the bytes as they came from Kafka: what can't be read today may be read by tomorrow's version
  value bytea not null,
  partition smallint not null,
  kafka_offset bigint not null,
  reason text not null,
  added_at timestamptz not null default now(),
  foreign key (consumer, key) references ${schema}.blocked_key
);
create index dead_letter_key on ${schema}.dead_letter (consumer, key, seq);
`;

const jobSchema = (schema: string): string => `
create table ${schema}.job (
  id uuid primary key,
  seq bigint generated always as identity,
  kind text not null,
  key text not null,
  payload text not null,
  dedupe text,
  bypasses_dead boolean not null default false,
  state text not null default 'ready' check (state in ('ready', 'running', 'dead')),
  run_at timestamptz not null,
  deadline timestamptz,
  attempts int not null default 0,
  failures int not null default 0,
  lease_until timestamptz,
  worker text,
  last_error text,
  -- the draft that asked for the same thing while this one was running
  wanted text,
  -- why nobody needs it any more: it ends where it would die
  overtaken text,
  causation_id text not null,
  correlation_id text not null,
  traceparent text,
  created_at timestamptz not null,
  -- after it had died; its age counts from then
  retried_at timestamptz
);
create unique index job_order on ${schema}.job (key, seq);
create unique index job_running on ${schema}.job (key) where state = 'running';
create unique index job_dedupe on ${schema}.job (kind, dedupe) where dedupe is not null;
create index job_urgent on ${schema}.job (kind, deadline, run_at) where state = 'ready' and deadline is not null;
create index job_due on ${schema}.job (kind, run_at) where state = 'ready';
create index job_dead on ${schema}.job (seq) where state = 'dead';
create index job_lease on ${schema}.job (lease_until) where state = 'running';
`;

const schemaName = /^[a-z][a-z0-9_]{0,39}$/;

/** The migrations of the library for one service's schema, to be run before the service's own. */
export function messagingMigrations(schema: string): (new () => MigrationInterface)[] {
  if (!schemaName.test(schema)) throw new Error(`${schema} can't be the name of a schema`);
  class CreateMessaging implements MigrationInterface {
    readonly name = 'CreateMessaging1750000000001';

    async up(runner: QueryRunner): Promise<void> {
      const schemas = [outboxSchema, consumerSchema, jobSchema, operatorActSchema, erasureSchema];
      await runner.query(schemas.map((of) => of(schema)).join(''));
    }

    down(): Promise<void> {
      return Promise.reject(new Error('Migrations go forward only'));
    }
  }
  return [CreateMessaging];
}
