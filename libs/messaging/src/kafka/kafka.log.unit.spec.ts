import { Repetitions } from './kafka.log';

it('writes one and the same line once a minute, with how many were left out, and any other at once', () => {
  const repetitions = new Repetitions();
  expect([0, 10, 59_999].map((now) => repetitions.take('no answer', now))).toEqual([0, undefined, undefined]);
  expect(repetitions.take('timed out', 20)).toBe(0);
  expect([60_000, 60_001, 120_000].map((now) => repetitions.take('no answer', now))).toEqual([2, undefined, 1]);
});

it('remembers no more lines than its bound', () => {
  const repetitions = new Repetitions();
  for (let line = 0; line <= 500; line++) expect(repetitions.take(`line ${line}`, 0)).toBe(0);
  expect(repetitions.take('line 0', 1)).toBe(0);
});
