import { nextAttempt, type Failure } from './attempts';
import { reasonOf } from '../failure';

const steady = { next: () => 0.5 };
const delays = (failure: Failure, count: number) =>
  Array.from({ length: count }, (_, attempts) => nextAttempt(failure, attempts, 0, steady).delayMs);

it('asks again after 0.25 s, 1 s, 5 s, 60 s and so on up to 15 minutes for what is missing', () => {
  expect(delays({ state: 'waiting', reason: '' }, 8)).toEqual([250, 1000, 5000, 60_000, 300_000, 900_000, 900_000, 900_000]);
});

it('tries a message at fault again after 1 s up to an hour', () => {
  expect(delays({ state: 'failing', reason: '' }, 8)).toEqual([1000, 4000, 16_000, 64_000, 256_000, 1_024_000, 3_600_000, 3_600_000]);
});

it('ends after about a day, whatever was missing or at fault', () => {
  for (const state of ['waiting', 'failing'] as const) {
    const attempts = Array.from({ length: 200 }, (_, attempts) => nextAttempt({ state, reason: '' }, attempts, 0, steady));
    const last = attempts.findIndex((attempt) => attempt.state === 'dead');
    const hours = attempts.slice(0, last).reduce((sum, { delayMs }) => sum + delayMs, 0) / 3_600_000;
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(30);
  }
});

it('counts no attempt while the source is away, and asks at least every 15 s', () => {
  const away: Failure = { state: 'waiting', reason: '', isAway: true };
  expect([0, 4000, 8000, 86_400_000].map((ageMs) => nextAttempt(away, 3, ageMs, steady))).toEqual(
    [250, 1000, 2000, 15_000].map((delayMs) => ({ state: 'waiting', attempts: 3, delayMs })),
  );
});

it('keeps values of messages out of reasons', () => {
  const refused = Object.assign(new Error('invalid input syntax for type uuid: "someone@example.com"'), { code: '22P02' });
  expect(reasonOf(refused)).toBe('Error: Postgres refused a value (22P02)');
});
