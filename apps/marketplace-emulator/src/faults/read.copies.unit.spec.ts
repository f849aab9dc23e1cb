import { ReadCopies } from './read.copies';

const lagMs = 120_000;
const startMs = Date.parse('2026-01-31T12:00:00Z');
const seconds = Array.from({ length: 3_600 }, (_, second) => startMs + second * 1_000);
/** What each copy of four shows, second by second. */
const shown = (copies: ReadCopies) => [0, 0.25, 0.5, 0.999].map((at) => seconds.map((nowMs) => copies.asOf(nowMs, at)));

it('lags by at most its own longest time, comes close to it, and never shows what is to come', () => {
  for (const [copy, instants] of shown(new ReadCopies(7, 4, lagMs)).entries()) {
    const lags = instants.map((asOfMs, index) => (seconds[index] as number) - asOfMs);
    const longest = (lagMs * (copy + 1)) / 4;
    expect(Math.min(...lags)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...lags)).toBeLessThanOrEqual(longest);
    expect(Math.max(...lags)).toBeGreaterThan(longest / 2);
  }
});

it('never goes back in one copy, while another shows something else', () => {
  const all = shown(new ReadCopies(7, 4, lagMs));
  for (const instants of all) expect(instants).toEqual([...instants].sort((one, other) => one - other));
  expect(new Set(all.map((instants) => instants[1_800])).size).toBe(4);
});

it('shows the same with the same seed, and otherwise with another', () => {
  expect(shown(new ReadCopies(7, 4, lagMs))).toEqual(shown(new ReadCopies(7, 4, lagMs)));
  expect(shown(new ReadCopies(7, 4, lagMs))).not.toEqual(shown(new ReadCopies(8, 4, lagMs)));
});
