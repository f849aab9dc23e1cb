import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { limits } from '../limits';
import type { Document } from './document';
import type { Contents, SnapshotStore } from './snapshot.store';
import { StoreClosed } from './store.closed';

/** Old contents in a table of their own: they take no memory, and no time at the start. */
export class SqliteSnapshotStore implements SnapshotStore {
  private readonly insert: StatementSync;

  constructor(private readonly database: DatabaseSync) {
    database.exec(`
      create table if not exists kept_document (
        position integer primary key autoincrement,
        key text not null,
        kind text not null,
        body text not null
      ) strict;
      create index if not exists kept_document_key on kept_document (key)`);
    this.insert = database.prepare('insert into kept_document (key, kind, body) values (?, ?, ?)');
  }

  /** Some documents at a time, so that other work gets its turn; they cannot change while they wait. */
  async keep(key: string, contents: Contents): Promise<void> {
    for (const [kind, documents] of contents) {
      for (let from = 0; from < documents.length; from += limits.documentsPerTurn) {
        await setImmediate();
        this.write(key, kind, documents.slice(from, from + limits.documentsPerTurn));
      }
    }
  }

  load(key: string): Contents {
    const contents = new Map<string, Document[]>();
    const rows = this.database.prepare('select kind, body from kept_document where key = ? order by position').iterate(key);
    for (const { kind, body } of rows) {
      const document = JSON.parse(String(body)) as Document;
      const documents = contents.get(String(kind));
      if (documents) documents.push(document);
      else contents.set(String(kind), [document]);
    }
    return contents;
  }

  remove(key: string): void {
    this.database.prepare('delete from kept_document where key = ?').run(key);
  }

  sweep(keys: ReadonlySet<string>): void {
    for (const { key } of this.database.prepare('select distinct key from kept_document').all()) {
      if (!keys.has(String(key))) this.remove(String(key));
    }
  }

  private write(key: string, kind: string, documents: readonly Document[]): void {
    if (!this.database.isOpen) throw new StoreClosed();
    this.database.exec('begin');
    try {
      for (const document of documents) this.insert.run(key, kind, JSON.stringify(document));
      this.database.exec('commit');
    } catch (error) {
      this.database.exec('rollback');
      throw error;
    }
  }
}
