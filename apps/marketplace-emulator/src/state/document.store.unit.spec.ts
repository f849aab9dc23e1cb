import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentStore } from './document.store';
import { noJournal } from './journal';
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
  const store = new DocumentStore(where === 'memory' ? noJournal : new SqliteJournal(folder));
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

describe.each(['memory', 'a file'])('contents put in the place of others, in %s', (where) => {
  const journal = () => (where === 'memory' ? noJournal : new SqliteJournal(folder));

  function storeWithThings() {
    const store = new DocumentStore(journal());
    const things = store.collection<Thing>('thing');
    const others = store.collection<Thing>('other');
    const keys = store.collection<Thing>('key', { isLasting: true });
    things.put({ id: 'a', value: 1 });
    others.put({ id: 'x', value: 1 });
    keys.put({ id: 'k', value: 1 });
    return { store, things, others, keys };
  }

  it('are those of that moment, for every kind but what is lasting', () => {
    const { store, things, others, keys } = storeWithThings();
    const before = store.contents();
    things.put({ id: 'a', value: 2 });
    things.put({ id: 'b', value: 2 });
    others.delete('x');
    keys.put({ id: 'k', value: 2 });
    store.replace(before);
    expect([...things.values(), ...others.values(), ...keys.values()]).toEqual([
      { id: 'a', value: 1 },
      { id: 'x', value: 1 },
      { id: 'k', value: 2 },
    ]);
    store.replace(new Map());
    expect([things.size, others.size, keys.size]).toEqual([0, 0, 1]);
    store.close();
  });

  it('are indexed by the owners of the collections, in the order in which they asked', () => {
    const { store, things, others } = storeWithThings();
    const indexed: string[] = [];
    others.whenLoaded(() => indexed.push(`others ${others.size}`));
    things.whenLoaded(() => indexed.push(`things ${things.size}`));
    store.replace(new Map([['thing', [{ id: 'b' }, { id: 'c' }]]]));
    expect(indexed).toEqual(['others 1', 'things 1', 'others 0', 'things 2']);
    store.close();
  });

  it('are not there at all when they cannot be indexed, and the old ones are indexed again', () => {
    const { store, things } = storeWithThings();
    let seen = 0;
    things.whenLoaded(() => {
      if (things.has('broken')) throw new Error('broken');
      seen = things.size;
    });
    expect(() => store.replace(new Map([['thing', [{ id: 'broken' }, { id: 'b' }]]]))).toThrow('broken');
    expect([seen, things.get('a'), things.get('b')]).toEqual([1, { id: 'a', value: 1 }, undefined]);
    things.put({ id: 'after', value: 1 });
    store.close();
    if (where === 'memory') return;
    const again = new DocumentStore(journal());
    expect([...again.collection<Thing>('thing').values()].map(({ id }) => id)).toEqual(['a', 'after']);
    again.close();
  });
});

it('refuses a second owner of a collection, since two indexes of it would drift apart', () => {
  const store = new DocumentStore(noJournal);
  store.collection('thing');
  expect(() => store.collection('thing')).toThrow("collection 'thing' has an owner already");
});
