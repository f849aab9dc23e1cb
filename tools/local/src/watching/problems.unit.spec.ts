import { repositoryDir } from '../repository';
import { alertProblems, queryProblems, watchingProblems } from './problems';
import { readQuery, withoutVariables } from './promql';

const series = new Map([
  ['calls_total', new Set(['service', 'outcome'])],
  ['waiting_seconds', new Set(['service', 'queue'])],
]);
const problemsOf = (query: string) => queryProblems({ name: 'x', queries: [query] }, series);

it('every query of an alert or dashboard is PromQL and names what a service has, and every alert has its runbook', () => {
  expect(watchingProblems(repositoryDir)).toEqual([]);
});

it.each([
  ['max by (service, queue) (waiting_seconds{queue=~"a|b"}) > 300', []],
  ['sum by (outcome) (rate(calls_total{service="$service"}[$__rate_interval]))', []],
  ['sum(rate(calls_total[5m)', [expect.stringContaining('cannot be read')]],
  ['rate(calls[5m])', ['x: no service has the metric "calls"']],
  ['calls_total{queue="a"}', ['x: calls_total has no label queue']],
  ['sum by (queue) (calls_total)', [expect.stringContaining('has the label queue')]],
])('%s is found to be right or wrong', (query, problems) => expect(problemsOf(query)).toEqual(problems));

it('replaces variables as Grafana does, in braces as well', () => {
  expect(withoutVariables('rate(a{b=~"$namespace",c="${topic:raw}"}[$__rate_interval])')).toBe('rate(a{b=~".*",c=".*"}[5m])');
});

it('reads all that a query with joins selects and groups by', () => {
  expect(readQuery('sum by (a) (b{c="1"}) / on (a) group_left (d) e unless absent(f{g!="2"})')).toEqual({
    errors: [],
    selectors: [
      { metric: 'b', labels: ['c'] },
      { metric: 'e', labels: [] },
      { metric: 'f', labels: ['g'] },
    ],
    groupedBy: ['a', 'a', 'd'],
  });
});

it('an alert without its words is refused', () => {
  expect(alertProblems({ alert: 'A', expr: '1', labels: { severity: 'loud' }, annotations: { summary: 'x' } })).toHaveLength(4);
});
