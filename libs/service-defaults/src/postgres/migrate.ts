import { defaults, type Client } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { defineConfig, type Config } from '../config/config';
import { ConfigurationInvalid } from '../config/config.errors';
import { isOutage } from './outage';
import { DatabaseSession } from './session';
import { SessionPool } from './session.pool';
import { encryption, migratingSettings } from './session.settings';
import { closeDatabase, closeSchema, prepareSchema } from './database.grants';
import { ensureRole, holderOf, roleOf } from './database.role';
import { MigrationImpossible } from './migration.errors';
import { EXIT_CONFIGURATION } from '../start/run-service';
import { serviceSettings } from '../config/service.settings';
import { postgresUrl } from '../config/setting';

export type MigrationClass = new () => MigrationInterface;

/** Other services' migrations of the same database wait for ours this long; they take seconds. */
const TURN_LIMIT_MS = 120_000;
/** A migration that waits for a busy table makes everybody else wait behind it: it gives up and is run again. */
const TABLE_LOCK_LIMIT_MS = 10_000;
/** A statement of a migration, such as an index of a large table. One that takes longer is asked of a database that hangs. */
const STATEMENT_LIMIT_MS = 30 * 60_000;
const CONNECT_ATTEMPTS = 60;
const CONNECT_INTERVAL_MS = 500;
const TURN_LOCK = `hashtextextended('landfall.migrate', 0)`;
const SCHEMA_NAME = /^[a-z][a-z0-9_]{0,62}$/;

interface MigrationPlan {
  /** The owner: makes schema, tables and role. */
  migrationUrl: string;
  /** The service's own login; its user and password become a role. The first one holds the rights for the schema's life, a later one is a member of it. */
  serviceUrl: string;
  ssl?: boolean | undefined;
  /** The authorities that signed the server's certificate, as PEM. */
  ca?: string | undefined;
  schema: string;
  migrations: readonly MigrationClass[];
}

/** What the program reads that brings a schema up to date. */
export const migrationSettings = {
  /** The owner of the database, who makes schema, tables and role. The service itself never has it. */
  MIGRATION_DATABASE_URL: postgresUrl(),
  /** The service's own login. The role is made, or gets this password, where the owner may do that. */
  DATABASE_URL: postgresUrl(),
  DATABASE_SSL: serviceSettings.DATABASE_SSL,
  DATABASE_SSL_CA: serviceSettings.DATABASE_SSL_CA,
};

/** Brings a service's schema up to date as this process: `main` of its `migrate.ts`. Says in one sentence what it did, or what is in the way. With
 * `--reference` it prints its settings instead. */
export async function migrate(options: {
  config: Pick<Config, 'name'>;
  schema: string;
  migrations: readonly MigrationClass[];
}): Promise<void> {
  const { config, schema, migrations } = options;
  const settings = defineConfig(`${config.name}'s migration`, migrationSettings);
  if (process.argv[2] === '--reference') return void process.stdout.write(`${JSON.stringify({ settings: settings.describe() })}\n`);
  try {
    const { values } = settings;
    const plan = {
      migrationUrl: values.MIGRATION_DATABASE_URL,
      serviceUrl: values.DATABASE_URL,
      ssl: values.DATABASE_SSL,
      ca: values.DATABASE_SSL_CA,
      schema,
      migrations,
    };
    const applied = await applyMigrations(plan);
    process.stdout.write(
      applied.length > 0 ? `${schema}: ${applied.length} migrations applied (${applied.join(', ')})\n` : `${schema}: up to date\n`,
    );
  } catch (error) {
    const forPeople = error instanceof ConfigurationInvalid || error instanceof MigrationImpossible;
    process.stderr.write(`${forPeople ? error.message : `${schema} could not be migrated: ${(error as Error).stack}`}\n`);
    process.exitCode = error instanceof ConfigurationInvalid ? EXIT_CONFIGURATION : 1;
  }
}

/**
 * Makes the schema, the service's role and its grants, and runs what migrations are missing, each in a transaction of its own. Any number of
 * processes may do this at once: an advisory lock makes them take turns. Doing it again changes nothing.
 * @returns the names of the migrations that ran
 * @throws MigrationImpossible where something must be changed first
 */
export async function applyMigrations(plan: MigrationPlan): Promise<string[]> {
  if (!SCHEMA_NAME.test(plan.schema))
    throw new MigrationImpossible(`"${plan.schema}" is no name for a schema (lower case letters, digits, _)`);
  const client = await connect(plan);
  try {
    const role = roleOf(plan.serviceUrl, await currentUser(client));
    await waitForTurn(client);
    await ensureRole(client, role);
    const holder = await holderOf(client, plan.schema, role.name);
    await prepareSchema(client, plan.schema, holder);
    const applied = await runMissing(plan);
    await closeSchema(client, plan.schema, holder);
    await closeDatabase(client, holder);
    await tryLogin(plan);
    return applied;
  } finally {
    await client.end();
  }
}

/** Postgres may come up after us: asked for half a minute. */
async function connect({ migrationUrl, ...security }: MigrationPlan): Promise<Client> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new DatabaseSession(connection(migrationUrl, security));
    client.on('error', () => undefined); // the statement that it cuts, or the next one, says so
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (!isOutage(error))
        throw new MigrationImpossible(`MIGRATION_DATABASE_URL cannot be used: ${(error as Error).message}`, { cause: error });
      if (attempt === CONNECT_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, CONNECT_INTERVAL_MS));
    }
  }
}

async function currentUser(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select current_user as name');
  return rows[0]?.name ?? '';
}

/** The lock belongs to the session: it goes with the connection, however this process ends. */
async function waitForTurn(client: Client): Promise<void> {
  await client.query(`set lock_timeout = ${TURN_LIMIT_MS}`);
  await client.query(`select pg_advisory_lock(${TURN_LOCK})`);
  await client.query(`set lock_timeout = ${TABLE_LOCK_LIMIT_MS}`);
}

async function runMissing({ migrationUrl, schema, migrations, ...security }: MigrationPlan): Promise<string[]> {
  const { connectionString, ...settings } = connection(migrationUrl, security);
  const database = new DataSource({
    type: 'postgres',
    driver: { Pool: SessionPool, defaults },
    url: connectionString,
    schema,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    installExtensions: false,
    logger: 'debug', // failures are thrown; the default logger would print them a second time
    poolSize: 1,
    extra: { ...settings, lock_timeout: TABLE_LOCK_LIMIT_MS },
  });
  await database.initialize();
  try {
    const applied = await database.runMigrations({ transaction: 'each' });
    return applied.map(({ name }) => name);
  } finally {
    await database.destroy();
  }
}

/** Found now, not when the service starts: a role that somebody else looks after may have another password. */
async function tryLogin({ serviceUrl, ...security }: MigrationPlan): Promise<void> {
  const client = new DatabaseSession(connection(serviceUrl, security));
  try {
    await client.connect();
  } catch (error) {
    throw new MigrationImpossible(`The schema is up to date, but DATABASE_URL cannot log in: ${(error as Error).message}`, {
      cause: error,
    });
  }
  await client.end();
}

function connection(url: string, { ssl, ca }: Pick<MigrationPlan, 'ssl' | 'ca'>) {
  const encrypted = encryption({ DATABASE_URL: url, DATABASE_SSL: ssl, DATABASE_SSL_CA: ca });
  return migratingSettings({ url, ssl: encrypted, name: 'landfall-migrate' }, STATEMENT_LIMIT_MS);
}
