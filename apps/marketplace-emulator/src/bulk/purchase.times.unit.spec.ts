import { bulkRequest, type BulkRequest } from './bulk.request';
import { SeededGenerator } from './seeded.generator';
import { countsOf, graceMs, purchaseTimes } from './purchase.times';

const nowMs = Date.UTC(2026, 4, 20, 12);
const dayMs = 86_400_000;

const requestOf = (wanted: object): BulkRequest => bulkRequest.parse({ count: 1_000, ...wanted });
const timesOf = (wanted: object) => [...purchaseTimes(requestOf(wanted), nowMs, (number) => new SeededGenerator(7, number))];

it.each([
  [100, {}, [5, 80, 3, 12]],
  [10, { pending: 1, subscribed: 1, suspended: 1, unsubscribed: 1 }, [3, 2, 3, 2]],
  [7, { suspended: 0.001 }, [0, 0, 7, 0]],
  [1, { pending: 1, subscribed: 99 }, [0, 1, 0, 0]],
])('divides %d by the mix exactly', (count, mix, expected) => {
  expect(Object.values(countsOf(requestOf({ count, ...(Object.keys(mix).length > 0 ? { mix } : {}) })))).toEqual(expected);
});

it('spreads purchases over the time that was asked for, in their order, each kind as often as in the mix', () => {
  const times = timesOf({ createdWithin: 'P400D' });
  expect(times).toHaveLength(1_000);
  expect(times.filter(({ kind }) => kind === 'suspended')).toHaveLength(30);
  expect(times.map(({ createdMs }) => createdMs)).toEqual(times.map(({ createdMs }) => createdMs).sort((one, other) => one - other));
  expect(times[0]?.createdMs).toBeGreaterThanOrEqual(nowMs - 400 * dayMs);
  expect(times[0]?.createdMs).toBeLessThan(nowMs - 395 * dayMs);
  expect(times.at(-1)?.createdMs).toBeLessThanOrEqual(nowMs);
});

it('lets nothing wait for its activation that would have run out of time', () => {
  for (const { createdMs } of timesOf({ mix: { pending: 1 } })) expect(createdMs).toBeGreaterThan(nowMs - graceMs);
});

it('takes a short time too', () => {
  for (const { createdMs } of timesOf({ createdWithin: 'PT1S' })) expect(nowMs - createdMs).toBeLessThanOrEqual(1_000);
});
