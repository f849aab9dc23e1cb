import { askAll } from './asked';
import type { Answer } from './prometheus';

const answers: Record<string, Answer> = {
  'rate(a_total[5m])': { kind: 'data', series: 2 },
  b_seconds: { kind: 'data', series: 0 },
  'rate(c)': { kind: 'error', reason: 'expected a range' },
  'a_total > 1': { kind: 'data', series: 1 },
  'b_seconds > 1': { kind: 'data', series: 0 },
  a_total: { kind: 'data', series: 3 },
};

it('tells what has data, what has none yet, what is refused, and which alerts hold', async () => {
  const alerts = [
    { name: 'A', queries: ['a_total > 1'] },
    { name: 'B', queries: ['b_seconds > 1'] },
  ];
  const dashboards = [{ name: 'd', queries: ['rate(a_total[$__rate_interval])', 'b_seconds', 'rate(c)'] }];
  expect(await askAll({ alerts, dashboards }, (query) => Promise.resolve(answers[query]!))).toEqual({
    answered: 2,
    empty: ['d: b_seconds', 'B: b_seconds'],
    refused: ['d: expected a range: rate(c)'],
    holding: ['A'],
  });
});
