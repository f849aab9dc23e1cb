import { parse } from 'yaml';
import { scaledQuery, scaledRules } from './scaled.rules';

const scale = { age: 60, window: 10 };

it.each([
  ['max by (a) (x_seconds{queue=~"b"}) > 300 or max(y_seconds) > 120', 'max by (a) (x_seconds{queue=~"b"}) > 5 or max(y_seconds) > 2'],
  ['max by (a) (x_seconds or y_seconds) > 0', 'max by (a) (x_seconds or y_seconds) > 0'],
  ['sum(rate(c{d="1"}[10m])) / sum(rate(c[10m])) > 0.1', 'sum(rate(c{d="1"}[60s])) / sum(rate(c[60s])) > 0.1'],
  ['max(changes(process_start_time_seconds[30m])) > 3', 'max(changes(process_start_time_seconds[180s])) > 3'],
  ['min(x_seconds and max_over_time(x_seconds[2d]) > 120) < 600', 'min(x_seconds and max_over_time(x_seconds[17280s]) > 2) < 10'],
  ['count(x_info) > 100', 'count(x_info) > 100'],
  ['absent(x_total{service="a"})', 'absent(x_total{service="a"})'],
])('of %s times alone are divided', (query, scaled) => expect(scaledQuery(query, scale)).toBe(scaled));

it('leaves all of a rule but its times as it is', () => {
  const rule = { alert: 'A', expr: 'x_seconds > 300', for: '5m', labels: { severity: 'page' }, annotations: { summary: 'It is so.' } };
  const text = JSON.stringify({ groups: [{ name: 'g', rules: [rule] }] });
  expect(parse(scaledRules(text, () => ({ age: 100, window: 8 })))).toEqual({
    groups: [{ name: 'g', rules: [{ ...rule, expr: 'x_seconds > 3', for: '37500ms' }] }],
  });
});
