import { atMs, durationMs } from './fault.instant';

it.each([
  ['PT30S', 30_000],
  ['PT0.5S', 500],
  ['PT1H2M3S', 3_723_000],
  ['P2D', 172_800_000],
  ['P1DT12H', 129_600_000],
  ['P2W', 1_209_600_000],
])('reads %s as %d ms', (text, expected) => expect(durationMs(text)).toBe(expected));

it.each(['', 'P', 'PT', 'P1DT', 'P1M', 'P1Y', 'PT-1S', '30', 'PT1e9S', '1970-01-01'])('does not read %j as a duration', (text) => {
  expect(durationMs(text)).toBeUndefined();
});

it('counts a duration from now and takes an instant as it is', () => {
  expect([atMs('PT1S', 5_000), atMs('1970-01-01T00:00:09Z', 5_000)]).toEqual([6_000, 9_000]);
});
