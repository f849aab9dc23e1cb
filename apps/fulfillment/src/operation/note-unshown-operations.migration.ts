import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long a subscription lags behind its operation counts from when the lag was first seen, and that must survive a restart. */
export class NoteUnshownOperations1760000000003 implements MigrationInterface {
  readonly name = 'NoteUnshownOperations1760000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table fulfillment.operations add column unshown_since timestamptz');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: write a new one');
  }
}
