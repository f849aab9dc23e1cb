import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every attempt of every call to Microsoft, for its support and for ours (contract 10). It never holds a token or a body. */
export class CreateCalls1760000000002 implements MigrationInterface {
  readonly name = 'CreateCalls1760000000002';

  async up(runner: QueryRunner): Promise<void> {
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

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}
