import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../limits';
import type { Document } from './document.store';
import { MemorySnapshotStore } from './snapshot.store';
import { SqliteJournal } from './sqlite.journal';

const things = (count: number): Document[] => Array.from({ length: count }, (_, number) => ({ id: `thing-${number}` }));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'snapshot-store-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe.each(['memory', 'a file'])('a snapshot store in %s', (where) => {
  it('gives back what was kept under a key, in its order, and nothing once it was removed', async () => {
    const journal = new SqliteJournal(folder);
    const snapshotStore = where === 'memory' ? new MemorySnapshotStore() : journal.snapshotStore;
    await snapshotStore.keep('one', new Map([['thing', things(limits.documentsPerTurn + 1)]]));
    await snapshotStore.keep('other', new Map([['thing', things(1)]]));
    expect(snapshotStore.load('one').get('thing')).toEqual(things(limits.documentsPerTurn + 1));
    snapshotStore.sweep(new Set(['other']));
    expect([snapshotStore.load('one').size, snapshotStore.load('other').size]).toEqual([0, 1]);
    snapshotStore.remove('other');
    expect(snapshotStore.load('other').size).toBe(0);
    journal.close();
  });
});

it('lets others write to the file while it keeps much, one turn after the other', async () => {
  const journal = new SqliteJournal(folder);
  const keeping = journal.snapshotStore.keep('much', new Map([['thing', things(3 * limits.documentsPerTurn)]]));
  let turns = 0;
  let isKept = false;
  void keeping.then(() => (isKept = true));
  while (!isKept) {
    turns++;
    journal.begin();
    journal.put('thing', { id: `meanwhile-${turns}` });
    journal.commit();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(turns).toBeGreaterThanOrEqual(3);
  expect(journal.load('thing')).toHaveLength(turns);
  journal.close();
});
