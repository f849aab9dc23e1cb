import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAudit1760000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table billing.audit_runs (
        kind text not null check (kind in ('hour', 'night')),
        -- the beginning of the hour or the day
        period timestamptz not null,
        -- the last subscription that it has checked
        after uuid not null default '00000000-0000-0000-0000-000000000000',
        subscriptions int not null default 0,
        differences int not null default 0,
        begun_at timestamptz not null default now(),
        ended_at timestamptz,
        primary key (kind, period)
      )`);
    // a new installation has nothing that a first night would find
    await runner.query(`
      insert into billing.audit_runs (kind, period, ended_at)
      select kind, date_trunc('day', now(), 'UTC'), now() from unnest(array['hour', 'night']) as kind`);
    await runner.query(`
      create table billing.imbalances (
        number bigint generated always as identity primary key,
        subscription_id uuid not null references billing.subscriptions,
        plan_id text,
        meter text not null,
        term date,
        what text not null,
        difference numeric not null,
        found_at timestamptz not null default now()
      )`);
    await runner.query(`create index imbalances_by_subscription on billing.imbalances (subscription_id)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write the next one');
  }
}
