import { readDate } from './date';

it('reads the date of an answer by the second', () => {
  expect(readDate('Sun, 01 Mar 2026 12:00:07 GMT')).toBe('2026-03-01T12:00:07.000Z');
});

it.each([undefined, '', 'yesterday', '2026-03-01', 'Sun, 41 Mar 2026 12:00:07 GMT', '0', `${'x'.repeat(10_000)} GMT`])(
  'takes %j for no date',
  (header) => {
    expect(readDate(header)).toBeUndefined();
  },
);
