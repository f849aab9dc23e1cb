import { MicroBatch, Overloaded } from './micro-batch';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('writes together what comes while the write before it is under way, in order', async () => {
  const written: number[][] = [];
  const batch = new MicroBatch<number, number>(async (items) => {
    written.push(items);
    await turn();
    return items.map((item) => item * 2);
  });
  const first = batch.add(1);
  await turn();
  const rest = Promise.all([2, 3, 4].map((item) => batch.add(item)));
  expect(await first).toBe(2);
  expect(await rest).toEqual([4, 6, 8]);
  expect(written).toEqual([[1], [2, 3, 4]]);
});

it('writes no more than its size at once, and one batch after the other', async () => {
  let inFlight = 0;
  const sizes: number[] = [];
  const batch = new MicroBatch<number>(
    async (items) => {
      expect(++inFlight).toBe(1);
      sizes.push(items.length);
      await turn();
      inFlight--;
    },
    { size: 10 },
  );
  await Promise.all(Array.from({ length: 25 }, (_, index) => batch.add(index)));
  expect(sizes).toEqual([10, 10, 5]);
});

it('refuses more than its limit at once, as something that may be tried again', async () => {
  const batch = new MicroBatch<number>(() => new Promise(() => undefined), { size: 1, limit: 2, limitMs: Infinity });
  void batch.add(0);
  await turn(); // under way: it no longer waits
  void batch.add(1);
  void batch.add(2);
  await expect(batch.add(3)).rejects.toThrow(Overloaded);
  await expect(batch.add(3)).rejects.toMatchObject({ code: 'OVERLOADED', retriable: true });
});

it('refuses what has waited longer than its callers do, and writes the rest', async () => {
  const batch = new MicroBatch<string, string>(
    async (items) => {
      await new Promise((resolve) => setTimeout(resolve, items[0] === 'slow' ? 600 : 0));
      return items;
    },
    { maxAgeMs: 300 },
  );
  const slow = batch.add('slow');
  await turn();
  const old = batch.add('old');
  old.catch(() => undefined); // looked at below
  await new Promise((resolve) => setTimeout(resolve, 450));
  const young = batch.add('young');
  expect(await slow).toBe('slow');
  await expect(old).rejects.toThrow('not written within 300 ms');
  expect(await young).toBe('young');
});

it('rejects the items of a write that fails, and no others', async () => {
  const batch = new MicroBatch<string, string>(
    (items) => (items.includes('bad') ? Promise.reject(new Error('refused')) : Promise.resolve(items)),
    { size: 2 },
  );
  const results = await Promise.allSettled(['good', 'bad', 'fine'].map((item) => batch.add(item)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await expect(new MicroBatch<number, number>(() => Promise.resolve([])).add(1)).rejects.toThrow('0 results for 1 items');
});

it('ends the wait of an item in time, also while its batch is under way and hangs, and writes what comes after', async () => {
  let release: () => void = () => undefined;
  const hanging = new Promise<void>((resolve) => (release = resolve));
  const batch = new MicroBatch<string, string>(
    async (items) => {
      if (items.includes('hangs')) await hanging;
      return items;
    },
    { limitMs: 50, maxAgeMs: 20 },
  );
  const hangs = batch.add('hangs');
  await turn(); // under way
  const behind = batch.add('behind');
  await expect(hangs).rejects.toThrow('not committed within 50 ms');
  await expect(behind).rejects.toThrow(Overloaded);
  release();
  await turn();
  expect(await batch.add('after')).toBe('after');
});

it('ends the wait of each item at its own time with one timer, and keeps none when nothing waits', async () => {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  const batch = new MicroBatch<number, number>((items) => Promise.resolve(items), { limitMs: 60_000 });
  await Promise.all([1, 2, 3].map((item) => batch.add(item)));
  await batch.add(4);
  const beginnings = timers.mock.calls.filter(([, ms]) => ms === 60_000).length;
  timers.mockRestore();
  expect(beginnings).toBe(2);

  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const hanging = new MicroBatch<string>(() => held, { limitMs: 80 });
  const [began, ends] = [performance.now(), [] as number[]];
  const ended = (item: string) => hanging.add(item).catch(() => void ends.push(performance.now() - began));
  const first = ended('first');
  await new Promise((resolve) => setTimeout(resolve, 40));
  await Promise.all([first, ended('second')]);
  expect([ends[0]! >= 79, ends[1]! >= 118]).toEqual([true, true]);
  release();
});

it('writes and lets wait by bytes as well, where it is told how many an item has', async () => {
  const sizes: number[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const batch = new MicroBatch<string>(
    async (items) => {
      sizes.push(items.length);
      await held;
    },
    { bytesOf: (item) => item.length, sizeBytes: 100, limitBytes: 300 },
  );
  const first = batch.add('x');
  await turn(); // under way: it no longer waits
  const waiting = ['x'.repeat(500), ...Array.from({ length: 10 }, () => 'x'.repeat(40))].map((item) => batch.add(item));
  const ends = Promise.allSettled(waiting);
  await expect(batch.add('y')).rejects.toThrow('300 bytes are waiting already');
  release();
  await first;
  expect((await ends).map(({ status }) => status)).toEqual(['fulfilled', ...Array.from({ length: 10 }, () => 'rejected')]);
  await Promise.all(Array.from({ length: 7 }, () => batch.add('x'.repeat(40))));
  expect(sizes).toEqual([1, 1, 3, 3, 1]);
});

describe('one that lingers', () => {
  const lingering = (size: number) => {
    const written: number[][] = [];
    const batch = new MicroBatch<number>((items) => Promise.resolve(void written.push(items)), { size, lingerMs: 60_000 });
    return { batch, written };
  };

  it('waits for others, and no longer once it is full', async () => {
    const { batch, written } = lingering(2);
    const first = batch.add(1);
    await turn();
    expect(written).toEqual([]);
    await Promise.all([first, batch.add(2)]);
    expect(written).toEqual([[1, 2]]);
  });

  it('writes at once when it is told to hurry, and lingers again afterwards', async () => {
    const { batch, written } = lingering(10);
    const first = batch.add(1);
    batch.hurry();
    await first;
    await turn();
    const second = batch.add(2);
    await turn();
    expect(written).toEqual([[1]]);
    batch.hurry();
    await second;
  });

  it('writes after its time', async () => {
    const written: number[][] = [];
    const batch = new MicroBatch<number>((items) => Promise.resolve(void written.push(items)), { lingerMs: 20 });
    await Promise.all([batch.add(1), batch.add(2)]);
    expect(written).toEqual([[1, 2]]);
  });
});
