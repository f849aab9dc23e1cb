import type { MigrationInterface, QueryRunner } from 'typeorm';

/** All tables of this service. Those of the library `messaging` come with their own migrations. */
export class CreateFulfillment1760000000001 implements MigrationInterface {
  readonly name = 'CreateFulfillment1760000000001';

  async up(runner: QueryRunner): Promise<void> {
    await createSubscriptionRegistrations(runner);
    await createOperations(runner);
    await createReadNumbers(runner);
    await createCalls(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}

/** To which registration each subscription belongs. A row is inserted when Microsoft first shows it, and never changed. */
async function createSubscriptionRegistrations(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.subscription_registrations (
      subscription_id uuid primary key,
      registration text not null
    )`);
}

/**
 * Each operation of Microsoft that a webhook or the list of outstanding ones announced, what was shown of it, and how it settled. Once per subscription,
 * operation and action (rule 4). `first_look_at`, `shown_since` and `gone_since` are set by the database's clock alone.
 */
async function createOperations(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.operations (
      subscription_id uuid not null,
      operation_id uuid not null,
      action text not null,
      -- to whose address the webhook came
      registration text not null,
      -- the delivery named no operation: its own id stands for one
      is_unnamed boolean not null,
      source text,
      plan_id text,
      quantity int check (quantity > 0),
      time_stamp timestamptz,
      is_revert boolean not null,
      -- by the gateway's clock
      received_at timestamptz,
      first_look_at timestamptz not null default now(),
      status text check (status in ('NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict')),
      shown_since timestamptz,
      gone_since timestamptz,
      operation_date timestamptz,
      seen_open_at timestamptz,
      published_snapshot uuid,
      verdict text check (verdict in ('accepted', 'refused')),
      answered_at timestamptz,
      acknowledgements int not null check (acknowledgements >= 0),
      is_acknowledged boolean not null,
      settled text check (settled in ('Succeeded', 'Failed', 'Conflict', 'Vanished', 'Stuck', 'Invisible')),
      primary key (subscription_id, operation_id, action),
      check ((status is null) = (shown_since is null))
    )`);
}

/** The order of our reads (rule 2). Uncached: a copy that keeps numbers back would hand out lower ones later. */
async function createReadNumbers(runner: QueryRunner): Promise<void> {
  await runner.query('create sequence fulfillment.read_no as bigint cache 1');
}

/** Every attempt of every call to Microsoft, for its support and for ours (contract 10). It never holds a token or a body. */
async function createCalls(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.calls (
      request_id uuid primary key,
      -- with whose token
      registration text not null,
      correlation_id text not null,
      method text not null,
      route text not null,
      -- what it was for, by which it went before others or after them
      purpose text not null,
      subscription_id uuid,
      operation_id uuid,
      -- the job that makes the call, where the call changes something: its attempts are recorded before they are made
      job_id uuid,
      started_at timestamptz not null,
      duration_ms int,
      -- null with no error: not answered yet, or never by a process that was killed
      status smallint,
      error text,
      microsoft_request_id text
    )`);
  await runner.query('create index calls_by_subscription on fulfillment.calls (subscription_id, started_at)');
  await runner.query('create index calls_by_job on fulfillment.calls (job_id) where job_id is not null');
  await runner.query('create index calls_by_age on fulfillment.calls using brin (started_at)');
}
