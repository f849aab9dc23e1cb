import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each operation of Microsoft that a webhook told of, and how it settled. Once per subscription, operation and action (rule 4). */
export class CreateOperations1760000000001 implements MigrationInterface {
  readonly name = 'CreateOperations1760000000001';

  async up(runner: QueryRunner): Promise<void> {
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
        primary key (subscription_id, operation_id, action)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}
