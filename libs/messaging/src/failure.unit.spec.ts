import { nextTrial, type Failure } from './failure';
import { isOutage, reasonOf } from './outage';

const steady = { next: () => 0.5 };
const delays = (failure: Failure, trials: number) =>
  Array.from({ length: trials }, (_, attempts) => nextTrial(failure, attempts, 0, steady).delayMs);

it('asks again after 0.25 s, 1 s, 5 s, 60 s and so on up to 15 minutes for what is missing', () => {
  expect(delays({ state: 'waiting', reason: '' }, 8)).toEqual([250, 1000, 5000, 60_000, 300_000, 900_000, 900_000, 900_000]);
});

it('tries a message at fault again after 1 s up to an hour', () => {
  expect(delays({ state: 'parked', reason: '' }, 8)).toEqual([1000, 4000, 16_000, 64_000, 256_000, 1_024_000, 3_600_000, 3_600_000]);
});

it('ends after about a day, whatever was missing or at fault', () => {
  for (const state of ['waiting', 'parked'] as const) {
    const trials = Array.from({ length: 200 }, (_, attempts) => nextTrial({ state, reason: '' }, attempts, 0, steady));
    const last = trials.findIndex((trial) => trial.state === 'dead');
    const hours = trials.slice(0, last).reduce((sum, { delayMs }) => sum + delayMs, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(30);
  }
});

it('counts no attempt while the source is away, and asks at least every 15 s', () => {
  const away: Failure = { state: 'waiting', reason: '', isAway: true };
  expect([0, 4000, 8000, 86_400_000].map((ageMs) => nextTrial(away, 3, ageMs, steady))).toEqual(
    [250, 1000, 2000, 15_000].map((delayMs) => ({ state: 'waiting', attempts: 3, delayMs })),
  );
});

it.each([
  [{ code: '08006' }, true],
  [{ code: '53300' }, true],
  [{ code: '57P01' }, true],
  [{ code: '57014' }, true],
  [{ code: '40001' }, true],
  [{ driverError: { code: '40P01' } }, true],
  [{ code: 'ECONNRESET' }, true],
  [new Error('Connection terminated unexpectedly'), true],
  [{ code: '23505' }, false],
  [{ code: '23514' }, false],
  [{ code: '22P02' }, false],
  [{ code: '42P01' }, false],
  [new TypeError('x is undefined'), false],
  [undefined, false],
])('tells an outage, which is nobody’s fault, from a fault: %p %p', (error, expected) => expect(isOutage(error)).toBe(expected));

it('keeps values of messages out of reasons', () => {
  const refused = Object.assign(new Error('invalid input syntax for type uuid: "someone@example.com"'), { code: '22P02' });
  expect(reasonOf(refused)).toBe('Error: Postgres refused a value (22P02)');
});
