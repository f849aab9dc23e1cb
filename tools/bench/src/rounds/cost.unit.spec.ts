import { costOf, noIdleUse, total, type Use } from './cost';

const use = (seconds: number, counted: { cpu: number; commits: number; rows: number; walBytes: number; wholePages?: number }): Use => ({
  ...noIdleUse,
  cpu: { ...noIdleUse.cpu, elapsedSeconds: seconds, seconds: { gateway: counted.cpu } },
  database: {
    ...noIdleUse.database,
    elapsedSeconds: seconds,
    commits: counted.commits,
    rows: { 'gateway.job': counted.rows },
    walBytes: counted.walBytes,
    wholePages: counted.wholePages ?? 0,
  },
});

it('a cost is what was used beyond what the idle system uses in the same time, for one webhook', () => {
  const idle = use(10, { cpu: 1, commits: 100, rows: 0, walBytes: 0 });
  const cost = costOf(use(20, { cpu: 3, commits: 500, rows: 60, walBytes: 30_000 }), idle, 10);
  expect(cost).toMatchObject({ cpuMs: { gateway: 100 }, commits: 30, rows: { 'gateway.job': 6 }, walBytes: 3_000 });
  expect(total(cost.rows)).toBe(6);
});

it('whole pages after a checkpoint are told apart', () => {
  const cost = costOf(use(1, { cpu: 0, commits: 0, rows: 0, walBytes: 10_192, wholePages: 1 }), noIdleUse, 1);
  expect(cost).toMatchObject({ walBytes: 10_192, walBytesWithoutPages: 2_000 });
});
