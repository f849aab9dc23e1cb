import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the public endpoint stores: purchases that were opened, who is signed in, what the page shows, every delivery of Microsoft's, and what was decided of it. */
export class CreateGateway1760000000001 implements MigrationInterface {
  readonly name = 'CreateGateway1760000000001';

  async up(runner: QueryRunner): Promise<void> {
    await createPurchases(runner);
    await createUsage(runner);
    await createSignin(runner);
    await createWebhook(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}

async function createPurchases(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table gateway.purchases (
      purchase_id uuid primary key,
      registration text not null,
      browser_hash bytea not null,
      opened_by jsonb not null,
      opened_at timestamptz not null,
      subscription_id uuid,
      plans jsonb,
      unresolved_reason text check (unresolved_reason in ('token-rejected', 'token-expired', 'not-found', 'not-ours', 'not-answered')),
      check ((subscription_id is null) = (plans is null)),
      check (subscription_id is null or unresolved_reason is null)
    )`);
  await runner.query(`create index purchases_by_age on gateway.purchases (opened_at)`);
  await runner.query(`
    create index purchases_by_person on gateway.purchases ((opened_by ->> 'tenantId'), (opened_by ->> 'objectId'), opened_at)`);
  await runner.query(`
    create index purchases_opening on gateway.purchases (opened_at) where subscription_id is null and unresolved_reason is null`);
  await runner.query(`
    create table gateway.subscription_projections (
      subscription_id uuid primary key,
      version int not null,
      publisher_id text not null,
      offer_id text not null,
      is_preview boolean not null,
      plan_id text not null,
      quantity int check (quantity > 0),
      term_unit text,
      status text not null,
      stage text not null,
      access text not null,
      has_setup_failed boolean not null,
      rejection_reason text,
      beneficiary jsonb not null,
      purchaser jsonb not null,
      confirmed_at timestamptz,
      confirmed_purchase_id uuid,
      check ((confirmed_at is null) = (confirmed_purchase_id is null))
    )`);
  await runner.query(`
    create index projections_in_setup on gateway.subscription_projections (confirmed_at)
      where access = 'none' and confirmed_at is not null and stage not in ('awaiting-approval', 'rejected')`);
}

/** What the customer has used: the newest count of each plan, meter and term. */
async function createUsage(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table gateway.usage_counts (
      subscription_id uuid,
      plan_id text,
      meter text,
      term date,
      epoch int not null,
      sequence int not null,
      used numeric not null,
      included numeric,
      remaining numeric,
      resets_at timestamptz not null,
      primary key (subscription_id, plan_id, meter, term)
    ) with (fillfactor = 80)`);
  await runner.query(`create index usage_counts_by_end on gateway.usage_counts (resets_at)`);
}

async function createSignin(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table gateway.sessions (
      id_hash bytea primary key,
      tenant_id text not null,
      object_id text not null,
      encrypted_profile text not null,
      expires_at timestamptz not null
    )`);
  await runner.query(`create index sessions_by_end on gateway.sessions (expires_at)`);
  await runner.query(`create index sessions_by_person on gateway.sessions (tenant_id, object_id, expires_at)`);
}

async function createWebhook(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table gateway.webhook_deliveries (
      id uuid primary key,
      registration text not null,
      operation_id uuid,
      action text,
      subscription_id uuid,
      received_at timestamptz not null,
      stored_at timestamptz not null default now(),
      claims jsonb not null,
      encrypted_body text,
      answer int,
      answered_at timestamptz,
      check ((operation_id is null) = (action is null)),
      check (answer is not null or operation_id is not null)
    )`);
  await runner.query(
    `create unique index webhook_deliveries_once on gateway.webhook_deliveries (subscription_id, operation_id, action, registration)`,
  );
  await runner.query(`create index webhook_deliveries_by_age on gateway.webhook_deliveries (stored_at)`);
  await runner.query(`
    create table gateway.operation_decisions (
      subscription_id uuid,
      operation_id uuid,
      action text check (action in ('ChangePlan', 'ChangeQuantity')),
      registration text,
      verdict text check (verdict in ('accepted', 'refused')),
      reason text,
      decided_at timestamptz,
      settled text,
      stored_at timestamptz not null default now(),
      primary key (subscription_id, operation_id, action, registration),
      check ((verdict is null) = (decided_at is null)),
      check (verdict is not null or settled is not null)
    )`);
  await runner.query(`create index operation_decisions_by_age on gateway.operation_decisions (stored_at)`);
}
