import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Microsoft's list has, day by day, and where ours differs. */
export class CreateReconciliation1760000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createReads(runner);
    await runner.query(`
      create table billing.usage_differences (
        number bigint generated always as identity primary key,
        publisher_id text not null,
        subscription_id uuid not null,
        dimension text not null,
        plan_id text not null,
        day date not null,
        kind text not null check (kind in ('mismatch', 'rejected', 'missing', 'unexpected')),
        state text not null default 'open' check (state in ('open', 'dismissed', 'over')),
        quantity numeric not null,
        ours numeric not null,
        unknown numeric not null,
        submitted numeric not null,
        processed numeric not null,
        found_at timestamptz not null default now(),
        last_found_at timestamptz not null default now(),
        -- null while it differs
        ended_at timestamptz
      )`);
    await runner.query(`
      create unique index usage_differences_by_key on billing.usage_differences (day, subscription_id, dimension, plan_id, kind)
        where ended_at is null`);
    await runner.query(`create index usage_differences_open on billing.usage_differences (found_at) where state = 'open'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write the next one');
  }
}

async function createReads(runner: QueryRunner): Promise<void> {
  // a day on which the list of every publisher is asked for: by one copy
  await runner.query(`create table billing.usage_comparisons (run date primary key, began_at timestamptz not null default now())`);
  await runner.query(`
    create table billing.usage_reads (
      read_id uuid primary key,
      publisher_id text not null,
      run date not null references billing.usage_comparisons on delete cascade,
      day date not null,
      ordered_at timestamptz not null default now(),
      -- by Microsoft's clock; null until its first part is there
      listed_at timestamptz,
      parts int not null default 0,
      is_whole boolean not null default false,
      -- up to which subscription it was compared
      compared_to uuid not null default '00000000-0000-0000-0000-000000000000',
      compared_at timestamptz,
      unique (publisher_id, day, run)
    )`);
  await runner.query(`
    create index usage_reads_to_compare on billing.usage_reads (ordered_at, day) where is_whole and compared_at is null`);
  await runner.query(`create index usage_reads_open on billing.usage_reads (ordered_at) where compared_at is null`);
  await runner.query(`
    create table billing.usage_read_rows (
      read_id uuid not null references billing.usage_reads on delete cascade,
      part int not null,
      place int not null,
      subscription_id uuid not null,
      dimension text not null,
      plan_id text not null,
      status text not null,
      submitted numeric not null,
      processed numeric not null,
      events int not null,
      primary key (read_id, subscription_id, part, place)
    )`);
}
