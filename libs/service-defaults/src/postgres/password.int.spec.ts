import { testDatabase, type TestDatabase } from '@landfall/local';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { applyMigrations } from './migrate';

class CreateNotes1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table notebook.notes (id bigint generated always as identity primary key, text text)');
    await runner.query('create table notebook.history (text text)');
    await runner.query('revoke update, delete on notebook.history from notebook_one');
  }
  async down(): Promise<void> {}
}
class CreatePages1760000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table notebook.pages (page int)');
  }
  async down(): Promise<void> {}
}

let database: TestDatabase;
const copies: Client[] = [];
afterAll(async () => {
  for (const copy of copies) await copy.end();
  await database.drop();
});

function urlOf(login: string, password: string): string {
  const url = new URL(database.url);
  [url.username, url.password] = [login, password];
  return url.href;
}

async function copyOf(login: string, password: string): Promise<Client> {
  const copy = new Client({ connectionString: urlOf(login, password) });
  copies.push(copy);
  await copy.connect();
  return copy;
}

const migrated = (login: string, password: string, ...later: (typeof CreatePages1760000000002)[]) =>
  applyMigrations({
    migrationUrl: database.url,
    serviceUrl: urlOf(login, password),
    schema: 'notebook',
    migrations: [CreateNotes1760000000001, ...later],
  });

const works = (copy: Client) => copy.query(`insert into notebook.notes (text) values ('x') returning id`);

it('a password is changed without a gap: two logins of the same rights, one after the other', async () => {
  database = await testDatabase();
  await migrated('notebook_one', 'first');
  const before = await copyOf('notebook_one', 'first');
  await works(before);

  await migrated('notebook_two', 'second', CreatePages1760000000002); // the Secret names the other login: an upgrade makes it
  const after = await copyOf('notebook_two', 'second');
  for (const copy of [before, after, before, after]) await works(copy); // side by side, while copies are replaced
  for (const copy of [before, after]) await copy.query('insert into notebook.pages values (1)');

  await database.query('alter role notebook_one password null'); // nobody uses it any more: its password is worth nothing
  await works(after);
  await expect(copyOf('notebook_one', 'first')).rejects.toMatchObject({ code: '28P01' });

  await migrated('notebook_one', 'third', CreatePages1760000000002); // and back, the next time
  const next = await copyOf('notebook_one', 'third');
  for (const copy of [after, next]) await works(copy);
});

it('a login that came later has no right that was taken from the first', async () => {
  const later = await copyOf('notebook_two', 'second');
  await expect(later.query(`update notebook.history set text = 'y'`)).rejects.toMatchObject({ code: '42501' });
  await expect(later.query('delete from notebook.migrations')).rejects.toMatchObject({ code: '42501' });
  await expect(later.query('create table notebook.mine ()')).rejects.toMatchObject({ code: '42501' });
});

it('an owner that may not give membership is told by whom it has to be given', async () => {
  await database.query(`create role notebook_owner login password 'o' ; create role notebook_other login password 'p'`);
  const [{ name }] = (await database.query<{ name: string }>('select current_database() as name')) as [{ name: string }];
  await database.query(`grant all on database "${name}" to notebook_owner`);
  const plan = {
    migrationUrl: urlOf('notebook_owner', 'o'),
    serviceUrl: urlOf('notebook_other', 'p'),
    schema: 'notebook',
    migrations: [CreateNotes1760000000001],
  };
  await expect(applyMigrations(plan)).rejects.toThrow('has to run `grant notebook_one to notebook_other`');
  await database.query(`revoke all on database "${name}" from notebook_owner`);
  await database.query('drop role notebook_owner, notebook_other');
});
