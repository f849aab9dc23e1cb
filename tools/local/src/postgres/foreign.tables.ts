import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDir } from '../repository';
import { SetupError } from '../setup.error';

/** Beside the data: a digest of the migrations that made its tables. */
const file = 'migrations.sha256';

/**
 * Nothing may start on tables that this version can't use: every service would say that it is ready, and none could write.
 * @throws SetupError with what to do
 */
export function requireOwnTables(dir: string, root = repositoryDir): void {
  if (areTablesForeign(dir, root))
    throw new SetupError(
      `The tables in ${dir} are of another version and can't be used by this one. Remove that folder, with all its data, and start again.`,
    );
}

/**
 * Whether the tables in a data folder were made by other migrations than those of today. Until the first release migrations are folded into the first one, and
 * such tables can't be brought up to date. Call it before Postgres makes its folder: from then on the migrations of a new one are remembered.
 */
export function areTablesForeign(dir: string, root = repositoryDir): boolean {
  const today = digestOfMigrations(root);
  const kept = join(dir, file);
  if (!['postgres', 'postgres.elsewhere'].some((made) => existsSync(join(dir, made)))) writeFileSync(kept, today);
  return !existsSync(kept) || readFileSync(kept, 'utf8') !== today;
}

function digestOfMigrations(root: string): string {
  const hash = createHash('sha256');
  for (const path of globSync('{apps,libs}/*/src/**/*.migration{,s}.ts', { cwd: root }).sort()) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex');
}
