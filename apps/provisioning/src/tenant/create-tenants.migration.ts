import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateTenants1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table provisioning.tenants (
        subscription_id uuid primary key,
        state text not null
          check (state in ('awaited', 'requested', 'ready', 'failed', 'releasing', 'released', 'unreleased', 'ended')),
        version int not null,
        is_locked boolean not null,
        tenant_reference text,
        attempts int not null check (attempts >= 0),
        waiting_since timestamptz,
        last_failure text,
        adapter text check (adapter in ('none', 'kafka')),
        request_id uuid unique,
        publisher_id text,
        offer_id text,
        is_preview boolean,
        plan_id text,
        quantity int check (quantity > 0),
        beneficiary_tenant_id text,
        beneficiary_object_id text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint waiting_only_for_an_answer check ((waiting_since is not null) = (state in ('requested', 'releasing'))),
        constraint ordered_as_a_whole check (num_nulls(adapter, request_id, publisher_id, offer_id, is_preview, plan_id,
                                                       beneficiary_tenant_id, beneficiary_object_id) in (0, 8)),
        constraint only_what_was_ordered_has_a_tenant check (request_id is not null or state in ('awaited', 'ended'))
      )`);
    await runner.query(`
      create index tenants_that_are_waited_for on provisioning.tenants (state, coalesce(waiting_since, updated_at))
       where state in ('requested', 'releasing', 'failed', 'unreleased')`);
    await runner.query(`
      create table provisioning.steps (
        id bigint generated always as identity primary key,
        subscription_id uuid not null references provisioning.tenants,
        step text not null,
        at timestamptz not null,
        version int not null,
        reason text
      )`);
    await runner.query(`create index steps_of_a_tenant on provisioning.steps (subscription_id, id)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write the next one');
  }
}
