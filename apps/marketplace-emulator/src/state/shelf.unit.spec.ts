import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../limits';
import type { Document } from './document.store';
import { MemoryShelf } from './shelf';
import { SqliteJournal } from './sqlite.journal';

const things = (count: number): Document[] => Array.from({ length: count }, (_, number) => ({ id: `thing-${number}` }));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shelf-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe.each(['memory', 'a file'])('a shelf in %s', (where) => {
  it('gives back what was kept under a key, in its order, and nothing once it was removed', async () => {
    const journal = new SqliteJournal(folder);
    const shelf = where === 'memory' ? new MemoryShelf() : journal.shelf;
    await shelf.keep('one', new Map([['thing', things(limits.documentsPerTurn + 1)]]));
    await shelf.keep('other', new Map([['thing', things(1)]]));
    expect(shelf.load('one').get('thing')).toEqual(things(limits.documentsPerTurn + 1));
    shelf.sweep(new Set(['other']));
    expect([shelf.load('one').size, shelf.load('other').size]).toEqual([0, 1]);
    shelf.remove('other');
    expect(shelf.load('other').size).toBe(0);
    journal.close();
  });
});

it('lets others write to the file while it keeps much, one turn after the other', async () => {
  const journal = new SqliteJournal(folder);
  const keeping = journal.shelf.keep('much', new Map([['thing', things(3 * limits.documentsPerTurn)]]));
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
