import type { MigrationInterface, QueryRunner } from 'typeorm';

/** All tables of this service. Those of the library `messaging` come with their own migrations. */
export class CreateFulfillment1760000000001 implements MigrationInterface {
  readonly name = 'CreateFulfillment1760000000001';

  async up(runner: QueryRunner): Promise<void> {
    await createOperations(runner);
    await createCalls(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}

/** Each operation of Microsoft that a webhook announced, and how it settled. Once per subscription, operation and action (rule 4). */
async function createOperations(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.operations (
      subscription_id uuid not null,
      operation_id uuid not null,
      action text not null,
      source text,
      operation_status text check (operation_status in ('NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict')),
      plan_id text,
      quantity int check (quantity > 0),
      received_at timestamptz not null,
      acknowledge_by timestamptz not null,
      verification text not null check (verification in ('verified', 'unverifiable')),
      verified_at timestamptz not null,
      verdict text check (verdict in ('accepted', 'refused')),
      answered_at timestamptz,
      settled text check (settled in ('Succeeded', 'Failed', 'Conflict', 'Expired')),
      -- since when the operation has succeeded without its subscription showing it; kept here, so that the wait survives a restart
      effect_missing_since timestamptz,
      primary key (subscription_id, operation_id, action)
    )`);
}

/** Every attempt of every call to Microsoft, for its support and for ours (contract 10). It never holds a token or a body. */
async function createCalls(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.calls (
      request_id uuid primary key,
      correlation_id text not null,
      method text not null,
      route text not null,
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
