import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { areTablesForeign } from './foreign.tables';

let root: string;
let dir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'landfall-tables-'));
  dir = join(root, 'data');
  mkdirSync(dir);
  write('create table a ()');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(sql: string, file = 'apps/subscription/src/subscription/create.migration.ts'): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), sql);
}
const madeByPostgres = () => mkdirSync(join(dir, 'postgres'));

it('takes tables for its own that were made by the same migrations, whatever else has changed', () => {
  expect(areTablesForeign(dir, root)).toBe(false);
  madeByPostgres();
  write('class Subscription {}', 'apps/subscription/src/subscription/subscription.ts');
  expect(areTablesForeign(dir, root)).toBe(false);
});

it.each(['apps/subscription/src/subscription/create.migration.ts', 'libs/messaging/src/messaging.migrations.ts'])(
  'says at each start that tables were made by others, when %s has changed',
  (file) => {
    areTablesForeign(dir, root);
    madeByPostgres();
    write('create table b ()', file);
    expect([areTablesForeign(dir, root), areTablesForeign(dir, root)]).toEqual([true, true]);
  },
);

it('takes tables for foreign of which nobody wrote down who made them', () => {
  madeByPostgres();
  expect(areTablesForeign(dir, root)).toBe(true);
});
