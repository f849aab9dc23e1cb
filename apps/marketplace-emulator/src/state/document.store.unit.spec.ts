import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentStore } from './document.store';
import { forgetful } from './journal';
import { SqliteJournal } from './sqlite.journal';

interface Thing {
  id: string;
  value: number;
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

it.each(['memory', 'a file'])('undoes everything of a change that failed, in %s', (where) => {
  const store = new DocumentStore(where === 'memory' ? forgetful : new SqliteJournal(folder));
  const things = store.collection<Thing>('thing');
  things.put({ id: 'kept', value: 1 });
  things.put({ id: 'deleted', value: 1 });
  const failing = () =>
    store.atomically(() => {
      things.put({ id: 'kept', value: 2 });
      things.put({ id: 'kept', value: 3 });
      things.put({ id: 'new', value: 1 });
      things.delete('deleted');
      throw new Error('broken');
    });
  expect(failing).toThrow('broken');
  expect([...things.values()].sort((one, other) => one.id.localeCompare(other.id))).toEqual([
    { id: 'deleted', value: 1 },
    { id: 'kept', value: 1 },
  ]);
  store.close();
});

it('gives back from its file what was put, in the order in which it first came', () => {
  const before = new DocumentStore(new SqliteJournal(folder));
  const things = before.collection<Thing>('thing');
  for (const id of ['c', 'a', 'b']) things.put({ id, value: 1 });
  things.put({ id: 'c', value: 2 });
  things.delete('a');
  before.collection<Thing>('other').put({ id: 'x', value: 9 });
  before.close();

  const after = new DocumentStore(new SqliteJournal(folder));
  expect([...after.collection<Thing>('thing').values()]).toEqual([
    { id: 'c', value: 2 },
    { id: 'b', value: 1 },
  ]);
  after.close();
});
