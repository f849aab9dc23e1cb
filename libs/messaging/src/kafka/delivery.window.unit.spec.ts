import { DeliveryWindow } from './delivery.window';
import type { Received } from '../consumer/received';

const record = (partition: number, offset: number, bytes = 1): Received =>
  ({ partition, offset: String(offset), value: Buffer.alloc(bytes) }) as Received;

it('gives what arrived in order and the offsets behind what is done, once', async () => {
  const window = new DeliveryWindow(10);
  window.put([record(0, 5), record(0, 6)], 0);
  window.put([record(3, 1)], 0);
  const { records, generation } = await window.take(2, 0);
  expect(records.map(({ offset }) => offset)).toEqual(['5', '6']);
  expect(window.takeOffsets()).toEqual([]); // taken is not done
  window.done(records, generation);
  expect(window.takeOffsets()).toEqual([{ partition: 0, offset: '7' }]);
  expect(window.takeOffsets()).toEqual([]);
});

it('gives offsets again that could not be committed, unless newer ones are done or the assignment is another', async () => {
  const window = new DeliveryWindow(10);
  const isDone = async (...offsets: readonly [partition: number, offset: number][]) => {
    window.put(
      offsets.map(([partition, offset]) => record(partition, offset)),
      window.generation,
    );
    const { records, generation } = await window.take(10, 0);
    window.done(records, generation);
  };
  await isDone([0, 5], [3, 1]);
  const lost = window.takeOffsets();
  await isDone([3, 2]);
  window.putBackOffsets(lost, window.generation);
  expect(window.takeOffsets()).toEqual([
    { partition: 3, offset: '3' },
    { partition: 0, offset: '6' },
  ]);
  await isDone([0, 6]);
  const newer = window.takeOffsets();
  window.putBackOffsets(lost, window.generation); // they end after the newer ones, which were committed meanwhile
  expect(window.takeOffsets()).toEqual([]);
  window.putBackOffsets(newer, window.generation);
  expect(window.takeOffsets()).toEqual([{ partition: 0, offset: '7' }]);
  const { generation } = window;
  window.renew();
  window.putBackOffsets(newer, generation);
  expect(window.takeOffsets()).toEqual([]);
});

it('is bounded by bytes as well, and gives as many as the bytes allow, one at least', async () => {
  const window = new DeliveryWindow(10, 100);
  window.put([record(0, 1, 60), record(0, 2, 60), record(0, 3, 10), record(0, 4, 1)], 0);
  expect(window.isFull).toBe(true);
  const offsets = async () => (await window.take(10, 0, 50)).records.map(({ offset }) => offset);
  expect(await offsets()).toEqual(['1']);
  expect(window.isFull).toBe(false);
  expect([await offsets(), await offsets()]).toEqual([['2'], ['3', '4']]);
});

it('is full at its limit, and wakes those who wait when there is space', async () => {
  const window = new DeliveryWindow(2);
  window.put([record(0, 1), record(0, 2)], 0);
  expect(window.isFull).toBe(true);
  const space = window.untilTaken(60_000);
  await window.take(1, 0);
  await space;
  expect(window.isFull).toBe(false);
});

describe('what nobody waits for', () => {
  const longMs = 60_000;
  const waitingFor = (offsets: readonly number[]) => new DeliveryWindow(10, 1_000, ({ offset }) => !offsets.includes(Number(offset)));
  const offsetsOf = ({ records }: { records: readonly { readonly offset: string }[] }) => records.map(({ offset }) => offset);

  it('is given together with what comes within the time', async () => {
    const window = waitingFor([]);
    window.put([record(0, 1)], 0);
    const taken = window.take(10, 0, Infinity, 50);
    window.put([record(0, 2)], 0);
    expect(offsetsOf(await taken)).toEqual(['1', '2']);
  });

  it.each([
    ['something comes that is waited for', (window: DeliveryWindow) => window.put([record(0, 2), record(0, 9)], 0), ['1', '2', '9']],
    [
      'there is enough for a batch',
      (window: DeliveryWindow) =>
        window.put(
          [2, 3, 4].map((offset) => record(0, offset)),
          0,
        ),
      ['1', '2', '3'],
    ],
    ['there is no room for more', (window: DeliveryWindow) => window.put([record(0, 2, 1_000)], 0), ['1', '2']],
    ['the consumer stops', (window: DeliveryWindow) => window.wake(), ['1']],
    ['the assignment is another', (window: DeliveryWindow) => [window.renew(), window.put([record(0, 9)], 1)], ['9']],
  ])('does not wait any longer when %s', async (_case, happens, given) => {
    const window = waitingFor([9]);
    window.put([record(0, 1)], 0);
    const taken = window.take(3, 0, Infinity, longMs);
    happens(window);
    expect(offsetsOf(await taken)).toEqual(given);
  });

  it('does not wait where something is waited for, also when a part of it was taken before', async () => {
    const window = waitingFor([2, 3]);
    window.put([record(0, 1), record(0, 2), record(0, 3)], 0);
    expect(offsetsOf(await window.take(2, 0, Infinity, longMs))).toEqual(['1', '2']);
    expect(offsetsOf(await window.take(2, 0, Infinity, longMs))).toEqual(['3']);
  });
});

it('forgets everything of an earlier assignment: what waited, what arrives late, and what is done late', async () => {
  const window = new DeliveryWindow(10);
  window.put([record(0, 1)], 0);
  const taken = await window.take(1, 0);
  window.put([record(0, 2)], 0);
  window.renew();
  window.put([record(0, 3)], 0);
  window.done(taken.records, taken.generation);
  expect(window.takeOffsets()).toEqual([]);
  expect((await window.take(10, 0)).records).toEqual([]);
  window.put([record(0, 1)], window.generation);
  expect((await window.take(10, 0)).records).toHaveLength(1);
});

it('knows how long the oldest has waited', async () => {
  const window = new DeliveryWindow(10);
  expect(window.oldestAgeMs).toBe(0);
  window.put([record(0, 1)], 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(window.oldestAgeMs).toBeGreaterThan(10);
});

it('reads again from what an assignment dropped, where a fetch of before comes after it', async () => {
  const window = new DeliveryWindow(1_000);
  window.put([record(3, 89)], 0);
  const before = await window.take(10, 0);
  window.done(before.records, before.generation);
  window.put([record(3, 90), record(3, 91), record(5, 7)], 0);
  await window.take(1, 0); // 90 is in a transaction
  window.renew();
  expect(window.gapBefore(3, '100')).toBe('90');
  expect(window.gapBefore(3, '90')).toBeNull();
  expect(window.gapBefore(3, '100')).toBeNull(); // the partition follows on
  expect(window.gapBefore(5, '7')).toBeNull();
  expect(window.gapBefore(4, '100')).toBeNull();
});

it('asks for what is missing once: the broker may have removed it, or another copy done it', () => {
  const window = new DeliveryWindow(10);
  window.put([record(3, 90)], 0);
  window.renew();
  expect(window.gapBefore(3, '100')).toBe('90');
  expect(window.gapBefore(3, '100')).toBeNull();
});

it('misses nothing that was done before the new assignment', async () => {
  const window = new DeliveryWindow(10);
  window.put([record(3, 90)], 0);
  const { records, generation } = await window.take(10, 0);
  window.done(records, generation);
  window.renew();
  expect(window.gapBefore(3, '100')).toBeNull();
});
