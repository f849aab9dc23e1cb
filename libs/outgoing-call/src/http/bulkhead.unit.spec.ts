import { Bulkhead, type Release } from './bulkhead';

const forEver = new AbortController().signal;

/** Whether a promise has been fulfilled by now. */
async function isThere(promise: Promise<unknown> | undefined): Promise<boolean> {
  const nothing = Symbol('nothing');
  return (await Promise.race([promise, Promise.resolve(nothing)])) !== nothing;
}

it('lets so many run, so many wait, and nobody else in; hosts do not know of each other', async () => {
  const bulkhead = new Bulkhead({ running: 2, waiting: 1 });
  const entered = ['a', 'a', 'a', 'a', 'b'].map((host) => bulkhead.enter(host, forEver));
  expect(entered.map((turn) => turn !== undefined)).toEqual([true, true, true, false, true]);
  expect(await Promise.all([entered[0], entered[2], entered[4]].map(isThere))).toEqual([true, false, true]);
});

it('hands a place on in the order in which the calls came, once, however often it is given back', async () => {
  const bulkhead = new Bulkhead({ running: 1, waiting: 9 });
  const started: number[] = [];
  const release = (await bulkhead.enter('a', forEver))!;
  const turns = [1, 2].map((number) => bulkhead.enter('a', forEver)!.then((next) => (started.push(number), next)));
  release();
  release();
  const second = await turns[0]!;
  expect(started).toEqual([1]);
  second();
  (await turns[1]!)();
  expect(await isThere(bulkhead.enter('a', forEver))).toBe(true);
});

it('forgets a call that gave up: another may wait in its place, and it is never started', async () => {
  const bulkhead = new Bulkhead({ running: 1, waiting: 1 });
  const release: Release = (await bulkhead.enter('a', forEver))!;
  const impatient = new AbortController();
  const gaveUp = bulkhead.enter('a', impatient.signal);
  expect(bulkhead.enter('a', forEver)).toBeUndefined();
  impatient.abort(new Error('the time is up'));
  await expect(gaveUp).rejects.toThrow('the time is up');
  const patient = bulkhead.enter('a', forEver);
  release();
  expect(await isThere(patient)).toBe(true);
});
