/** Migrations cannot run as things are. The message says what to change; trying again without a change cannot help. */
export class MigrationImpossible extends Error {
  readonly code = 'MIGRATION_IMPOSSIBLE';
  readonly retriable = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MigrationImpossible';
  }
}
