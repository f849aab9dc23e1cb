import { testDatabase, type TestDatabase } from '@landfall/local';
import { applyMigrations, type MigrationClass } from '@landfall/service-defaults';

interface ServiceDatabase extends TestDatabase {
  /** As the service's own role, with no right that a deployed one lacks. */
  readonly serviceUrl: string;
}

/** A database of its own, migrated in the same way as a deployed one. */
export async function serviceDatabase(schema: string, migrations: readonly MigrationClass[]): Promise<ServiceDatabase> {
  const database = await testDatabase();
  const role = `${schema}_${database.name}`;
  const service = new URL(database.url);
  service.username = role;
  service.password = 'only-for-specs';
  await applyMigrations({ migrationUrl: database.url, serviceUrl: service.href, ssl: false, schema, migrations });
  return {
    ...database,
    serviceUrl: service.href,
    async drop() {
      await database.query(`alter default privileges revoke all on tables from ${role}`);
      await database.query(`drop owned by ${role}`);
      await database.query(`drop role ${role}`);
      await database.drop();
    },
  };
}
