import { escapeIdentifier, type Client } from 'pg';

/**
 * What a service's role may do, as default privileges that are set **before** the first migration: every table gets them as it is made, and
 * what a migration then revokes stays revoked, however often migrations run again. `public` (everybody) gets nothing.
 */
export async function prepareSchema(client: Client, schema: string, role: string): Promise<void> {
  const [quotedSchema, quotedRole] = [escapeIdentifier(schema), escapeIdentifier(role)];
  await client.query(`create schema if not exists ${quotedSchema}`);
  await client.query(`revoke all on schema ${quotedSchema} from public`);
  await client.query(`grant usage on schema ${quotedSchema} to ${quotedRole}`);
  await client.query('alter default privileges revoke execute on routines from public'); // only the global default can be taken back from public
  const inSchema = `alter default privileges in schema ${quotedSchema} grant`;
  await client.query(`${inSchema} select, insert, update, delete on tables to ${quotedRole}`);
  await client.query(`${inSchema} usage, select on sequences to ${quotedRole}`);
  await client.query(`${inSchema} execute on routines to ${quotedRole}`);
}

/** What only holds once there are tables: nothing for everybody, and the record of migrations is not the service's to write. */
export async function closeSchema(client: Client, schema: string, role: string): Promise<void> {
  const [quotedSchema, quotedRole] = [escapeIdentifier(schema), escapeIdentifier(role)];
  await client.query(`revoke all on all tables in schema ${quotedSchema} from public`);
  await client.query(`revoke all on all routines in schema ${quotedSchema} from public`);
  await client.query(`revoke insert, update, delete on ${quotedSchema}.migrations from ${quotedRole}`);
}

/** The database itself: the role may connect; nobody makes schemas or temporary tables in passing. */
export async function closeDatabase(client: Client, role: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select current_database() as name');
  const database = escapeIdentifier(rows[0]?.name ?? '');
  await client.query(`grant connect on database ${database} to ${escapeIdentifier(role)}`);
  await client.query(`revoke all on database ${database} from public`);
  await client.query('revoke all on schema public from public');
}
