import { later, parseDuration } from './duration';

it.each([
  ['P40D', '2024-01-31T10:00:00.000Z', '2024-03-11T10:00:00.000Z'],
  ['P1M', '2024-01-31T10:00:00.000Z', '2024-02-29T10:00:00.000Z'],
  ['P1Y', '2024-02-29T10:00:00.000Z', '2025-02-28T10:00:00.000Z'],
  ['P1Y2M1W', '2024-01-01T00:00:00.000Z', '2025-03-08T00:00:00.000Z'],
  ['PT8H30M0.5S', '2024-12-31T20:00:00.000Z', '2025-01-01T04:30:00.500Z'],
  ['P1DT1S', '2024-01-01T23:59:59.999Z', '2024-01-03T00:00:00.999Z'],
  ['PT0S', '2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z'],
])('counts %s from %s in the calendar of UTC', (text, from, to) => {
  const duration = parseDuration(text);
  expect(duration && new Date(later(Date.parse(from), duration)).toISOString()).toBe(to);
});

it.each(['', 'P', 'PT', 'P1DT', '-P1D', 'P-1D', '+P1D', 'P1.5D', 'P1S', 'PT1D', 'P1M1Y', '40D', 'P1d', ' P1D', 'P99999Y', 'P1D1', 'null'])(
  'refuses %j',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);
