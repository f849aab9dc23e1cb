import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateBilling1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table billing.subscriptions (
        id uuid primary key,
        publisher_id text not null,
        offer_id text not null,
        is_preview boolean not null,
        version int not null check (version >= 0),
        timeline jsonb not null default '[]'
      )`);
    await createUsage(runner);
    await createRefusedAndHeld(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write the next one');
  }
}

/** What was used: every record, once per source and id, and the sum of each hour. Buckets have room for an update in place, which touches no index. */
async function createUsage(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table billing.usage (
      source text not null,
      id text not null,
      subscription_id uuid not null,
      meter text not null,
      used_at timestamptz not null,
      quantity numeric not null,
      received_at timestamptz not null default now(),
      primary key (source, id)
    )`);
  await runner.query(`create index usage_by_meter on billing.usage (subscription_id, meter, used_at)`);
  await runner.query(`create index usage_by_receipt on billing.usage (received_at)`);
  await runner.query(`
    create table billing.buckets (
      subscription_id uuid not null,
      meter text not null,
      hour timestamptz not null check (extract(epoch from hour) % 3600 = 0),
      quantity numeric not null,
      records int not null check (records > 0),
      -- how it was rated last: its parts, as the ledger has them
      rated jsonb not null default '[]',
      is_dirty boolean not null,
      primary key (subscription_id, meter, hour)
    ) with (fillfactor = 70)`);
  await runner.query(`create index buckets_dirty on billing.buckets (subscription_id) where is_dirty`);
}

/** What was not counted, and what waits. `partition` and `record_offset` are null where it came by HTTP. */
async function createRefusedAndHeld(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table billing.usage_refused (
      number bigint generated always as identity primary key,
      digest bytea not null unique,
      bytes bytea not null,
      code text not null,
      reason text not null,
      source text,
      id text,
      subscription_id uuid,
      partition int,
      record_offset bigint,
      refused_at timestamptz not null default now()
    )`);
  await runner.query(`create index usage_refused_by_time on billing.usage_refused (refused_at, number)`);
  await runner.query(`create index usage_refused_by_subscription on billing.usage_refused (subscription_id, refused_at, number)`);
  await runner.query(`
    create table billing.usage_held (
      number bigint generated always as identity unique,
      source text not null,
      id text not null,
      subscription_id uuid not null,
      meter text not null,
      used_at timestamptz not null,
      quantity numeric not null,
      bytes bytea not null,
      waits_for text not null check (waits_for in ('subscription', 'meter')),
      partition int,
      record_offset bigint,
      held_at timestamptz not null default now(),
      primary key (source, id)
    )`);
  await runner.query(`create index usage_held_by_meter on billing.usage_held (subscription_id, meter, number)`);
  await runner.query(`create index usage_held_by_time on billing.usage_held (held_at, number)`);
}
