import { termAfter, termFrom } from './term';

it.each([
  ['2024-01-14T15:30:00Z', 'P1M', '2024-01-14T00:00:00Z', '2024-02-13T00:00:00Z'],
  ['2024-01-31T00:00:00Z', 'P1M', '2024-01-31T00:00:00Z', '2024-02-28T00:00:00Z'],
  ['2024-02-29T23:59:59Z', 'P1Y', '2024-02-29T00:00:00Z', '2025-02-27T00:00:00Z'],
  ['2024-12-01T00:00:00Z', 'P3Y', '2024-12-01T00:00:00Z', '2027-11-30T00:00:00Z'],
] as const)('starts at midnight and ends on the last valid day: %s for %s', (activatedAt, termUnit, startDate, endDate) => {
  expect(termFrom(Date.parse(activatedAt), termUnit)).toEqual({ startDate, endDate });
});

it('is followed by one that begins on the next day', () => {
  const first = termFrom(Date.parse('2024-01-14T00:00:00Z'), 'P1M');
  expect(termAfter(first, 'P1M')).toEqual({ startDate: '2024-02-14T00:00:00Z', endDate: '2024-03-13T00:00:00Z' });
});
