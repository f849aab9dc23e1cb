import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral, type Client } from 'pg';
import { MigrationImpossible } from './migration.errors';

const SCRAM_ITERATIONS = 4_096;
const ROLE_ATTEMPTS = 10;
const ROLE_INTERVAL_MS = 50;
/** Roles belong to the whole server: another database's migration may make or alter the same one at this moment. */
const CONCURRENT_CHANGE = new Set(['42710', '23505', 'XX000']);
const NO_PRIVILEGE = '42501';

export interface ServiceRole {
  name: string;
  password: string;
}

/** Who a service's DATABASE_URL logs in as. @throws MigrationImpossible */
export function roleOf(databaseUrl: string, owner: string): ServiceRole {
  const { username, password } = new URL(databaseUrl);
  const name = decodeURIComponent(username);
  if (name === owner)
    throw new MigrationImpossible(
      `DATABASE_URL and MIGRATION_DATABASE_URL both log in as ${name}: a service must not own its tables, or its own mistakes could change them`,
    );
  if (password === '') throw new MigrationImpossible(`DATABASE_URL has no password for ${name}`);
  return { name, password: decodeURIComponent(password) };
}

/** Makes the service's role, or gives it the password that DATABASE_URL has now. */
export async function ensureRole(client: Client, { name, password }: ServiceRole): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await makeOrAlter(client, name, password);
    } catch (error) {
      if (!CONCURRENT_CHANGE.has((error as { code?: string }).code ?? '') || attempt === ROLE_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, ROLE_INTERVAL_MS * attempt));
    }
  }
}

async function makeOrAlter(client: Client, name: string, password: string): Promise<void> {
  const { rows } = await client.query<{ rolsuper: boolean }>('select rolsuper from pg_roles where rolname = $1', [name]);
  const [existing] = rows;
  if (existing?.rolsuper)
    throw new MigrationImpossible(`DATABASE_URL logs in as ${name}, a superuser, whom no grant binds: give the service a role of its own`);
  const login = `${escapeIdentifier(name)} with login password ${escapeLiteral(scramVerifier(password))}`;
  try {
    await client.query(existing ? `alter role ${login}` : `create role ${login}`);
  } catch (error) {
    if ((error as { code?: string }).code !== NO_PRIVILEGE) throw error;
    if (!existing)
      throw new MigrationImpossible(
        `The role ${name} does not exist, and MIGRATION_DATABASE_URL may not create roles: create it, or log in as a user with CREATEROLE`,
        { cause: error },
      );
    // A role that somebody else looks after keeps the password that they gave it.
  }
}

/** The password as Postgres stores it (RFC 5803), so that it is never part of a statement, which Postgres may log. */
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256');
  const keyed = (label: string) => createHmac('sha256', salted).update(label).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${keyed('Server Key').toString('base64')}`;
}

/**
 * Who holds the rights in a schema: the first login that its service had. A login that came later, so that a password can be changed without a gap, is made a member
 * of it, and no right is given twice. @throws MigrationImpossible where nobody may make it one
 */
export async function holderOf(client: Client, schema: string, login: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct holder.rolname as name
       from pg_default_acl d join pg_namespace n on n.oid = d.defaclnamespace
      cross join aclexplode(d.defaclacl) entry join pg_roles holder on holder.oid = entry.grantee
      where n.nspname = $1 and d.defaclobjtype = 'r' and entry.privilege_type = 'INSERT'`,
    [schema],
  );
  const holders = rows.map(({ name }) => name);
  const [holder] = holders;
  if (holder === undefined || holders.includes(login)) return login;
  await makeMember(client, login, holder);
  return holder;
}

async function makeMember(client: Client, login: string, holder: string): Promise<void> {
  const { rows } = await client.query<{ is: boolean }>(`select pg_has_role($1::name, $2::name, 'usage') as is`, [login, holder]);
  if (rows[0]?.is) return;
  try {
    await client.query(`grant ${escapeIdentifier(holder)} to ${escapeIdentifier(login)}`);
  } catch (error) {
    if ((error as { code?: string }).code !== NO_PRIVILEGE) throw error;
    throw new MigrationImpossible(
      `DATABASE_URL logs in as ${login}, and the tables are for ${holder}: whoever looks after the roles has to run \`grant ${holder} to ${login}\``,
      { cause: error },
    );
  }
}
