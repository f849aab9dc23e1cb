import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What this service has to remember of metered billing (contract 6). */
export class CreateMetering1760000000002 implements MigrationInterface {
  readonly name = 'CreateMetering1760000000002';

  async up(runner: QueryRunner): Promise<void> {
    await createUsageBatches(runner);
    await createUsageReads(runner);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}

/** Each batch of usage events, and how far it has come. Kept after its end, since the same id is one batch for ever. */
async function createUsageBatches(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.usage_batches (
      batch_id uuid primary key,
      publisher_id text not null,
      -- by business time
      deadline timestamptz not null,
      events jsonb not null check (jsonb_array_length(events) between 1 and 25),
      -- by event: Microsoft's last word, and how many attempts it did not answer
      progress jsonb not null check (jsonb_array_length(progress) = jsonb_array_length(events)),
      -- the places of the events that go into one call
      parts jsonb not null,
      -- written down before it leaves; whoever finds it when a run begins knows that nobody saw its answer
      in_flight jsonb,
      -- which run may send: the last one that began
      run uuid,
      registration text,
      request_id uuid,
      received_at timestamptz not null default now(),
      answered_at timestamptz,
      check (answered_at is null or in_flight is null)
    )`);
  await runner.query('create index open_usage_batches on fulfillment.usage_batches (received_at) where answered_at is null');
  await runner.query('create index answered_usage_batches on fulfillment.usage_batches (received_at) where answered_at is not null');
}

/** What was read back of a day, until it is handed over part by part. One reading is one answer of one registration; only a whole one is handed over. */
async function createUsageReads(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table fulfillment.usage_reads (
      reading uuid not null,
      part int not null check (part > 0),
      rows jsonb not null,
      read_at timestamptz not null default now(),
      primary key (reading, part)
    )`);
  await runner.query('create index usage_reads_by_age on fulfillment.usage_reads (read_at)');
}
