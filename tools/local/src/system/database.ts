import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** Both the database and its owner. The owner makes the services' roles, schemas and tables; no service logs in as it. */
const name = 'landfall';

/** Makes database and owner on an embedded server and returns the owner's URL. Doing it again changes nothing. */
export async function ensureDatabase(superuserUrl: string, ownerPassword: string): Promise<string> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows: roles } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
    const role = `${escapeIdentifier(name)} with login createrole password ${escapeLiteral(ownerPassword)}`;
    await client.query(roles.length > 0 ? `alter role ${role}` : `create role ${role}`);
    const { rows: databases } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (databases.length === 0)
      await client.query(`create database ${escapeIdentifier(name)} owner ${escapeIdentifier(name)} template template0`);
  } finally {
    await client.end();
  }
  return withLogin(superuserUrl, name, ownerPassword, name);
}

/** The same server for another user, by default on the same database. */
export function withLogin(url: string, user: string, password: string, database?: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(user);
  changed.password = encodeURIComponent(password);
  if (database) changed.pathname = `/${database}`;
  return changed.href;
}
