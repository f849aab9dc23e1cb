import { chmodSync, closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Document } from './document';
import type { Journal } from './journal';
import { SqliteSnapshotStore } from './sqlite.snapshot.store';

const fileName = 'emulator.sqlite';

/** SQLite's code for a file that is locked. */
const sqliteBusy = 5;

export class DataDirectoryInUse extends Error {
  readonly code = 'DATA_DIRECTORY_IN_USE';
  readonly retriable = false;

  constructor(dataDir: string) {
    super(
      `The data directory ${dataDir} is in use by another emulator. Stop that one, or give this one a directory of its own with --data-dir.`,
    );
  }
}

export class DataDirectoryUnusable extends Error {
  readonly code = 'DATA_DIRECTORY_UNUSABLE';
  readonly retriable = false;

  constructor(dataDir: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The data directory ${dataDir} cannot be used (${reason}). Choose another with --data-dir, or empty this one.`, { cause });
  }
}

/**
 * One SQLite file. It is written without waiting for the disk: what was committed survives the death of the process, which is what tests
 * and laptops need, but perhaps not a power cut. The file is locked for as long as the emulator runs. The log is carried into it every 64
 * MB: carrying it over every four, as by default, makes writing a hundred thousand subscriptions a quarter slower.
 */
export class SqliteJournal implements Journal {
  readonly snapshotStore: SqliteSnapshotStore;
  private readonly database: DatabaseSync;
  private readonly upsert: StatementSync;
  private readonly remove: StatementSync;
  private readonly removeAll: StatementSync;

  constructor(dataDir: string) {
    this.database = open(dataDir);
    try {
      this.database.exec(`
        pragma locking_mode = exclusive;
        pragma journal_mode = wal;
        pragma synchronous = off;
        pragma wal_autocheckpoint = 16384;
        create table if not exists document (
          position integer primary key autoincrement,
          kind text not null,
          id text not null,
          body text not null,
          unique (kind, id)
        ) strict`);
      this.snapshotStore = new SqliteSnapshotStore(this.database);
    } catch (error) {
      this.database.close();
      if ((error as { errcode?: number }).errcode === sqliteBusy) throw new DataDirectoryInUse(dataDir);
      throw new DataDirectoryUnusable(dataDir, error);
    }
    this.upsert = this.database.prepare(
      'insert into document (kind, id, body) values (?, ?, ?) on conflict (kind, id) do update set body = excluded.body',
    );
    this.remove = this.database.prepare('delete from document where kind = ? and id = ?');
    this.removeAll = this.database.prepare('delete from document where kind = ?');
  }

  load(kind: string): Document[] {
    const rows = this.database.prepare('select body from document where kind = ? order by position').all(kind);
    return rows.map((row) => JSON.parse(String(row['body'])) as Document);
  }

  put(kind: string, document: Document): void {
    this.upsert.run(kind, document.id, JSON.stringify(document));
  }

  delete(kind: string, id: string): void {
    this.remove.run(kind, id);
  }

  clear(kind: string): void {
    this.removeAll.run(kind);
  }

  begin(): void {
    this.database.exec('begin');
  }

  commit(): void {
    this.database.exec('commit');
  }

  rollback(): void {
    this.database.exec('rollback');
  }

  close(): void {
    this.database.close();
  }
}

/**
 * The file holds secrets and keys, so nobody but its owner may read it; SQLite gives the files beside it the same rights. A folder that was
 * there before is closed to others too, unless there is anything else in it.
 */
function keepToOwner(dataDir: string): void {
  const path = join(dataDir, fileName);
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  if (readdirSync(dataDir).every((name) => name.startsWith(fileName))) chmodSync(dataDir, 0o700);
}

function open(dataDir: string): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite'); // loaded only where it is used
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    keepToOwner(dataDir);
    return new DatabaseSync(join(dataDir, fileName));
  } catch (error) {
    throw new DataDirectoryUnusable(dataDir, error);
  }
}
