import type { TermUnit } from '../offers/offer';
import { beginTerm, endOf, termAfter, termFrom } from './term';

/** Where terms begin that follow each other. */
function starts(from: string, termUnit: TermUnit, count: number): string[] {
  const { anchorDay, term: first } = beginTerm(Date.parse(from), { termUnit, isFreeTrial: false });
  let term = first;
  const days = [];
  for (let index = 0; index < count; index++, term = termAfter(term, { termUnit, anchorDay })) {
    days.push(term.startDate.slice(0, 10));
    expect(endOf(term)).toBe(Date.parse(termAfter(term, { termUnit, anchorDay }).startDate)); // without a gap
  }
  return days;
}

it.each([
  ['2024-01-14T15:30:00Z', 'P1M', '2024-01-14T00:00:00Z', '2024-02-13T00:00:00Z'],
  ['2024-01-31T00:00:00Z', 'P1M', '2024-01-31T00:00:00Z', '2024-02-28T00:00:00Z'],
  ['2024-02-29T23:59:59Z', 'P1Y', '2024-02-29T00:00:00Z', '2025-02-27T00:00:00Z'],
  ['2024-12-01T00:00:00Z', 'P3Y', '2024-12-01T00:00:00Z', '2027-11-30T00:00:00Z'],
] as const)('starts at midnight and ends on the last valid day: %s for %s', (activatedAt, termUnit, startDate, endDate) => {
  expect(termFrom(Date.parse(activatedAt), termUnit)).toEqual({ startDate, endDate });
});

it('lasts for a month while it is a trial', () => {
  const trial = beginTerm(Date.parse('2024-01-14T15:30:00Z'), { termUnit: 'P1Y', isFreeTrial: true }).term;
  expect(trial).toEqual({ startDate: '2024-01-14T00:00:00Z', endDate: '2024-02-13T00:00:00Z' });
  expect(termAfter(trial, { termUnit: 'P1Y' })).toEqual({ startDate: '2024-02-14T00:00:00Z', endDate: '2025-02-13T00:00:00Z' });
});

it('begins on the 31st again after shorter months', () => {
  expect(starts('2023-10-31T09:00:00Z', 'P1M', 8)).toEqual([
    '2023-10-31',
    '2023-11-30',
    '2023-12-31',
    '2024-01-31',
    '2024-02-29',
    '2024-03-31',
    '2024-04-30',
    '2024-05-31',
  ]);
});

it('begins on 29 February again in the next leap year', () => {
  expect(starts('2024-02-29T09:00:00Z', 'P1Y', 5)).toEqual(['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
});

it('stays in step over fifty years', () => {
  const monthly = starts('2024-01-30T00:00:00Z', 'P1M', 601);
  expect(monthly[600]).toBe('2074-01-30');
});
