import { limits } from '../../limits';
import { DocumentStore } from '../../state/document.store';
import { noJournal } from '../../state/journal';
import { SigningKeys, type StoredKey } from './signing.keys';

let nowMs: number;
let stored: ReturnType<DocumentStore['collection']>;
let keys: SigningKeys;

beforeEach(async () => {
  nowMs = 0;
  const collection = new DocumentStore(noJournal).collection<StoredKey>('key');
  stored = collection as typeof stored;
  keys = await SigningKeys.open(collection, () => nowMs);
});

const published = () => keys.published().keys.map(({ kid }) => kid);

it('publishes an old key for a named time after another took its place, and then neither shows nor accepts it', async () => {
  const old = keys.current.kid;
  const next = await keys.rotate();
  nowMs = limits.retiredKeyPublishedMs - 1;
  expect([published(), keys.publicKey(old) !== undefined]).toEqual([[old, next], true]);
  nowMs = limits.retiredKeyPublishedMs;
  expect([published(), keys.publicKey(old)]).toEqual([[next], undefined]);
});

it('withdraws old keys at once on request', async () => {
  const next = await keys.rotate({ withdrawOld: true });
  expect(published()).toEqual([next]);
  expect([...stored.values()].map(({ id }) => id)).toEqual([next]);
});

it('signs with the newest after a restart, in whatever order keys come back, and remembers when the others were retired', async () => {
  const old = keys.current.kid;
  const next = await keys.rotate();
  const again = new DocumentStore(noJournal).collection<StoredKey>('key');
  for (const key of ([...stored.values()] as StoredKey[]).reverse()) again.put(key);
  keys = await SigningKeys.open(again, () => nowMs);
  expect([keys.current.kid, published()]).toEqual([next, [old, next]]);
  nowMs = limits.retiredKeyPublishedMs;
  expect(published()).toEqual([next]);
});
