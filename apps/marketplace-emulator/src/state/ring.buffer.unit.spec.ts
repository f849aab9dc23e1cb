import { RingBuffer } from './ring.buffer';

const all = 1_000;

it('keeps as many of the newest as it may, oldest first', () => {
  const ring = new RingBuffer<number>(3);
  for (let entry = 1; entry <= 20; entry++) ring.add(entry);
  expect(ring.newest(all)).toEqual([18, 19, 20]);
  expect(ring.newest(2)).toEqual([19, 20]);
  expect(ring.newest(all, (entry) => entry % 2 === 0)).toEqual([18, 20]);
});

it('lets the oldest fall off when all together are too large, and the newest too if it is too large alone', () => {
  const ring = new RingBuffer<string>({ entries: 10, bytes: 100 });
  for (const name of ['a', 'b', 'c']) ring.add(name, 40);
  expect(ring.newest(all)).toEqual(['b', 'c']);
  ring.add('d', 90);
  expect(ring.newest(all)).toEqual(['d']);
  ring.add('e', 101);
  expect(ring.newest(all)).toEqual([]);
  ring.add('f', 100);
  expect(ring.newest(all)).toEqual(['f']);
});

it('is empty after it was cleared, and counts anew', () => {
  const ring = new RingBuffer<number>({ entries: 10, bytes: 100 });
  ring.add(1, 100);
  ring.clear();
  ring.add(2, 100);
  expect(ring.newest(all)).toEqual([2]);
});
